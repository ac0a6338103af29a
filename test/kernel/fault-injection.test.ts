// Every call of every program that an apply needs goes wrong once, in each way it can, and every call sees chainsmith interrupted and
// killed. Afterwards the node has the old rules or the new ones, chainsmith has said which, and the next apply works.
import assert from 'node:assert/strict';
import { expectedOutcomes, isHanging, trialsOf, type Trial } from './support/fault-matrix.ts';
import type { Scene } from './support/fault-scene.ts';
import { record, tryFaults, type Outcome, type Recording } from './support/fault-trial.ts';
import { inParallel } from './support/in-parallel.ts';
import { useTrials } from './support/use-trials.ts';
import { VARIANTS } from './support/kernel-lab.ts';

const PREFIX = 'chainsmith-faults';
const AT_ONCE = 4;
/** They wait most of the time. */
const HANGING_AT_ONCE = 12;

interface Finding {
  readonly trial: Trial;
  readonly outcome: Outcome | undefined;
  readonly error: string;
}

describe('apply, with one fault', function () {
  this.timeout(400_000);
  const context = useTrials(PREFIX);
  const counts = { old: 0, new: 0, killed: 0 };
  let planned = 0;

  after(() => {
    const sum = counts.old + counts.new + counts.killed;
    console.log(
      `    ${sum} faults injected: ${counts.old} left the old rules, ${counts.new} the new ones, ${counts.killed} killed chainsmith`,
    );
  });

  async function tryOne(recording: Recording, trial: Trial): Promise<Finding> {
    try {
      const faults = { [trial.call]: trial.fault };
      const outcome = await tryFaults(context, recording, faults, isHanging(trial) ? 3 : undefined);
      counts[outcome] += 1;
      return { trial, outcome, error: '' };
    } catch (error) {
      return { trial, outcome: undefined, error: error instanceof Error ? error.message : String(error) };
    }
  }

  const scenes: readonly Scene[] = [
    ...VARIANTS.flatMap((variant): readonly Scene[] => [
      { variant, before: 'fresh' },
      { variant, before: 'loaded' },
    ]),
    { variant: 'legacy', before: 'fresh', many: true },
  ];
  for (const scene of scenes) {
    const { variant, before, many } = scene;
    const size = many === true ? ', many Services' : '';
    it(`leaves old or new: iptables-${variant}, a ${before} node${size}`, async () => {
      const recording = await record(context, scene);
      const trials = trialsOf(recording);
      planned += trials.length;
      const hanging = trials.filter(isHanging);
      const others = trials.filter((trial) => !isHanging(trial));
      const findings = [
        ...(await inParallel(hanging, HANGING_AT_ONCE, async (trial) => await tryOne(recording, trial))),
        ...(await inParallel(others, AT_ONCE, async (trial) => await tryOne(recording, trial))),
      ];
      const wrong = findings.filter(
        ({ trial, outcome }) => outcome === undefined || !expectedOutcomes(trial).includes(outcome),
      );
      assert.deepEqual(
        wrong.map(({ trial, outcome, error }) => `${trial.fault} of ${trial.call}: ${outcome ?? error}`),
        [],
      );
    });
  }

  it('has met every fault of the matrix', () => {
    assert.equal(counts.old + counts.new + counts.killed, planned);
    assert.ok(planned >= 400, `${planned} faults`);
  });
});
