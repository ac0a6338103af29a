import { ALWAYS, NEVER, type Diagram } from './node-table.ts';
import type { Expectation, FaultKind } from './finding.ts';
import { WAS_TRANSLATED } from './levels.ts';
import type { Tracking } from './view.ts';
import { isTakenIn, outcomeKey, outcomesOf, type Outcome } from './outcome.ts';
import type { Place } from './place.ts';
import type { RestParts } from './rest-check.ts';
import { isLoopbackAddress } from './specification.ts';

/**
 * Checks the packets that are not the first of a connection, which no table of nat sees. kube-proxy lets those of known connections
 * through FORWARD whatever its policy, may drop there what connection tracking finds invalid (unless conntrack.tcpBeLiberal, which rules
 * do not show), and does nothing else to them.
 */
export class ExistingCheck {
  readonly #parts: RestParts;
  readonly #place: Place;
  readonly #tracking: Tracking;
  readonly #exists: boolean;

  constructor(parts: RestParts, place: Place, tracking: Tracking) {
    this.#parts = parts;
    this.#place = place;
    this.#tracking = tracking;
    this.#exists = tracking === 'ESTABLISHED' || tracking === 'RELATED';
  }

  run(): void {
    const { work, path, pathOfOthers } = this.#parts;
    const { diagrams } = work;
    const outcomes = this.#outcomes(path);
    const byKey = new Map<string, Diagram>();
    let unknown = NEVER;
    for (const outcome of this.#outcomes(pathOfOthers)) {
      const key = outcomeKey(outcome);
      if (outcome.unknown !== undefined) unknown = diagrams.or(unknown, outcome.packets);
      byKey.set(key, diagrams.or(byKey.get(key) ?? NEVER, outcome.packets));
    }
    for (const outcome of outcomes) {
      const alike = diagrams.or(unknown, byKey.get(outcomeKey(outcome)) ?? NEVER);
      let wrong = this.#withoutAllowed(outcome, diagrams.minus(outcome.packets, alike));
      if (this.#mustPass(outcome)) wrong = outcome.packets;
      this.#judge(outcome, wrong);
    }
  }

  #outcomes(path: RestParts['path']): readonly Outcome[] {
    return outcomesOf(
      this.#parts.work,
      path,
      this.#place,
      this.#tracking,
      path.arrive(this.#place, ALWAYS, this.#tracking),
      ALWAYS,
    );
  }

  #judge(outcome: Outcome, all: Diagram): void {
    if (all === NEVER) return;
    const { found, doubted, work } = this.#parts;
    const packets = work.diagrams.minus(all, this.#exists ? this.#translated() : NEVER);
    if (packets === NEVER) return;
    const [place, tracking] = [this.#place, this.#tracking];
    if (outcome.unknown !== undefined)
      return doubted({ rule: outcome.unknown, frontend: undefined, place, tracking, packets });
    const isStopped = this.#exists && outcome.verdict !== 'accept';
    const kind: FaultKind = isStopped ? 'existing-connections' : this.#exists ? 'no-service' : 'untracked-packets';
    const expected: Expectation = { kind: isStopped ? 'accept' : 'untouched' };
    found({ kind, frontend: undefined, place, tracking, packets, through: outcome.translation, expected });
  }

  /**
   * Packets that cannot be there. Of a connection that was translated, rules see packets with the endpoint's address or the client's; so
   * none goes to a frontend, and none goes where the first packet was translated.
   */
  #translated(): Diagram {
    const { work, path, specification } = this.#parts;
    const { diagrams } = work;
    const arrivals = path.arrive(this.#place, ALWAYS, 'NEW').filter(({ state }) => state.translation !== undefined);
    const first = diagrams.any(arrivals.map(({ packets }) => packets));
    const isFrontend = specification.frontendsAt(this.#place).length > 0;
    return isFrontend ? diagrams.or(first, diagrams.range(WAS_TRANSLATED, 1, 1)) : first;
  }

  /** Replies and later packets pass FORWARD whatever its policy. */
  #mustPass({ where, verdict, owner }: Outcome): boolean {
    return this.#exists && where === 'FORWARD' && verdict === 'drop' && owner === undefined;
  }

  #withoutAllowed(outcome: Outcome, packets: Diagram): Diagram {
    const { diagrams } = this.#parts.work;
    const { verdict, owner, where } = outcome;
    if (packets === NEVER) return NEVER;
    const leaves = where === 'POSTROUTING';
    if (this.#exists && verdict === 'accept' && leaves) return NEVER;
    let left = packets;
    if (verdict === 'drop' && owner === 'kube') {
      left = diagrams.minus(left, this.#parts.specification.neverBegun(this.#place));
      if (this.#tracking === 'INVALID' && where === 'FORWARD') return NEVER;
      const { settings, fromLoopback } = this.#parts;
      const toLoopback = settings.family === 'ipv4' && isLoopbackAddress(this.#place.address, settings);
      if (toLoopback && !this.#exists) left = diagrams.and(left, fromLoopback());
    }
    const isHealthCheck = this.#parts.specification.healthCheckAt(this.#place) !== undefined;
    return isHealthCheck && verdict === 'accept' && isTakenIn(outcome) ? NEVER : left;
  }
}
