import type { Lab } from '../../../scripts/lab/lab.ts';
import { runProbes, type Outcome, type Probe } from '../../../scripts/lab/probe.ts';

/** Probes of many tests that each host makes in one process: where starting one takes a second, that is most of the time. */
export class ProbeBatch {
  readonly #probes = new Map<string, Probe[]>();
  readonly #outcomes = new Map<Probe, readonly Outcome[]>();

  /** To be made by `run`; what comes back gives the outcomes after that. */
  add(from: string, probe: Probe): () => readonly Outcome[] {
    this.#probes.set(from, [...(this.#probes.get(from) ?? []), probe]);
    return () => {
      const outcomes = this.#outcomes.get(probe);
      if (outcomes === undefined) throw new Error('the probes have not been made');
      return outcomes;
    };
  }

  /** One host after the other, each in the order of its probes. */
  async run(lab: Lab): Promise<void> {
    for (const [from, probes] of this.#probes) {
      const outcomes = await runProbes(lab, from, probes);
      for (const [i, probe] of probes.entries()) this.#outcomes.set(probe, outcomes[i] ?? []);
    }
  }
}
