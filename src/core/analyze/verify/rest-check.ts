import { portUnreachable } from '../../ruleset/port-unreachable.ts';
import type { ProxySettings } from '../../services/proxy-settings.ts';
import { ALWAYS, NEVER, type Diagram } from './node-table.ts';
import type { CheckParts } from './delivery-check.ts';
import type { FaultKind, Expectation } from './finding.ts';
import { DESTINATION_TYPE, ORIGIN } from './levels.ts';
import { groupBy } from '../../util/group-by.ts';
import { addedUp, isTakenIn, outcomeKey, outcomesOf, type Outcome } from './outcome.ts';
import type { Ended } from './packet-state.ts';
import type { Place } from './place.ts';
import { WHOLE } from './shares.ts';
import { isLoopbackAddress, type Frontend, type Refusal } from './specification.ts';

export interface RestParts extends CheckParts {
  readonly settings: ProxySettings;
  /** Sources in 127.0.0.0/8. */
  readonly fromLoopback: () => Diagram;
}

/**
 * Checks what happens to packets that go to no endpoint: those that must be refused, and those of no Service, with which kube-proxy's
 * rules must do nothing. "Nothing" is what would happen if its rules were not there.
 */
export class RestCheck {
  readonly #parts: RestParts;
  readonly #place: Place;
  readonly #refusals: readonly Refusal[];
  /** Packets that come to loopback from elsewhere: KUBE-FIREWALL may drop them. */
  readonly #toLoopback: Diagram;

  constructor(parts: RestParts, place: Place) {
    this.#parts = parts;
    this.#place = place;
    this.#refusals = parts.specification.refusals(place, DESTINATION_TYPE);
    const isLoopback = parts.settings.family === 'ipv4' && isLoopbackAddress(place.address, parts.settings);
    this.#toLoopback = isLoopback ? parts.work.diagrams.not(parts.fromLoopback()) : NEVER;
  }

  run(arrivals: readonly Ended[], rest: Diagram): void {
    const { work, path, pathOfOthers } = this.#parts;
    const { diagrams } = work;
    const place = this.#place;
    const must = diagrams.and(rest, diagrams.any(this.#refusals.map((refusal) => refusal.must)));
    const none = diagrams.minus(rest, must);
    if (must !== NEVER) {
      for (const outcome of outcomesOf(work, path, place, 'NEW', arrivals, must)) this.#refused(outcome);
    }
    if (none === NEVER) return;
    const outcomes = outcomesOf(work, path, place, 'NEW', arrivals, none);
    const others = outcomesOf(work, pathOfOthers, place, 'NEW', pathOfOthers.arrive(place, ALWAYS, 'NEW'), none);
    this.#untouched(outcomes, others);
    this.#loopback(outcomes);
    this.#healthChecks(outcomes);
  }

  #report(kind: FaultKind, packets: Diagram, expected: Expectation, outcome: Outcome, frontend?: Frontend): void {
    if (packets === NEVER) return;
    this.#parts.found({
      kind,
      frontend,
      place: this.#place,
      tracking: 'NEW',
      packets,
      through: outcome.translation,
      expected,
    });
  }

  /** Packets to a frontend that leads nowhere. */
  #refused(outcome: Outcome): void {
    const { diagrams } = this.#parts.work;
    const expected: Expectation = { kind: 'refuse', refusals: this.#refusals };
    const [frontend] = this.#refusals;
    if (outcome.unknown !== undefined) {
      this.#parts.doubted({
        rule: outcome.unknown,
        frontend,
        place: this.#place,
        tracking: 'NEW',
        packets: outcome.packets,
      });
      return;
    }
    if (outcome.verdict === 'accept') {
      const byOthers =
        outcome.natOwner === 'other' || (outcome.translation === undefined && outcome.passedBy === 'other');
      const kind = byOthers ? 'changed-by-others' : 'not-refused';
      this.#report(kind, outcome.packets, expected, outcome, frontend);
      return;
    }
    const right = this.#refusals.filter((refusal) => isVerdictOf(outcome, refusal, this.#parts.settings));
    let wrong = diagrams.minus(outcome.packets, diagrams.any(right.map(({ must, may }) => diagrams.or(must, may))));
    if (outcome.verdict === 'drop') wrong = diagrams.minus(wrong, this.#toLoopback);
    this.#report(outcome.owner === 'other' ? 'changed-by-others' : 'wrong-refusal', wrong, expected, outcome, frontend);
  }

  /** Packets of no Service. */
  #untouched(outcomes: readonly Outcome[], others: readonly Outcome[]): void {
    const { diagrams, marks } = this.#parts.work;
    const expected: Expectation = { kind: 'untouched' };
    const byKey = new Map<string, Diagram>();
    let unknown = NEVER;
    for (const outcome of others) {
      const key = outcomeKey(outcome);
      if (outcome.unknown !== undefined) unknown = diagrams.or(unknown, outcome.packets);
      byKey.set(key, diagrams.or(byKey.get(key) ?? NEVER, outcome.packets));
    }
    for (const outcome of outcomes) {
      const alike = diagrams.or(unknown, byKey.get(outcomeKey(outcome)) ?? NEVER);
      let different = diagrams.minus(outcome.packets, alike);
      if (outcome.unknown !== undefined) {
        if (different !== NEVER)
          this.#parts.doubted({
            rule: outcome.unknown,
            frontend: undefined,
            place: this.#place,
            tracking: 'NEW',
            packets: different,
          });
        continue;
      }
      different = this.#withoutAllowed(outcome, different);
      this.#report('no-service', different, expected, outcome);
      if (outcome.verdict !== 'accept') continue;
      if (outcome.stray) this.#report('foreign-mark-bits', outcome.packets, expected, outcome);
      const left = outcome.where === 'POSTROUTING' || outcome.where === 'loopback';
      if (left && marks.isSet(outcome.mark, this.#parts.markBit))
        this.#report('mark-left', outcome.packets, expected, outcome);
    }
    this.#sameChances(outcomes, others, unknown);
  }

  /** Where others draw random numbers, their chances must stay. */
  #sameChances(outcomes: readonly Outcome[], others: readonly Outcome[], unknown: Diagram): void {
    if ([...outcomes, ...others].every(({ share }) => share === WHOLE)) return;
    const { work } = this.#parts;
    const { diagrams, shares } = work;
    const byKey = groupBy(others, outcomeKey);
    for (const [key, same] of groupBy(outcomes, outcomeKey)) {
      const [first] = same;
      if (first === undefined || first.unknown !== undefined) continue;
      const before = addedUp(work, byKey.get(key) ?? []);
      for (const now of addedUp(work, same)) {
        for (const then of before) {
          if (shares.areWithin(now.share, then.share, 40)) continue;
          const packets = diagrams.minus(diagrams.and(now.packets, then.packets), unknown);
          this.#report('no-service', this.#withoutAllowed(first, packets), { kind: 'untouched' }, first);
        }
      }
    }
  }

  /** What kube-proxy may do to packets of no Service. */
  #withoutAllowed(outcome: Outcome, packets: Diagram): Diagram {
    const { diagrams } = this.#parts.work;
    let left = packets;
    if (left === NEVER) return NEVER;
    // Rules of others have sent it to the address of a Service.
    if (outcome.natOwner === 'other' && outcome.served !== undefined) return NEVER;
    if (outcome.verdict === 'drop' && outcome.owner === 'kube') left = diagrams.minus(left, this.#toLoopback);
    for (const refusal of this.#refusals) {
      if (isVerdictOf(outcome, refusal, this.#parts.settings))
        left = diagrams.minus(left, diagrams.or(refusal.must, refusal.may));
    }
    if (outcome.verdict === 'accept' && outcome.source === 'masquerade' && outcome.translation === undefined)
      left = diagrams.minus(left, this.#parts.specification.mayMasquerade(this.#place));
    const isHealthCheck = this.#parts.specification.healthCheckAt(this.#place) !== undefined;
    // Let in, but by no means masqueraded.
    const isMasqueraded = outcome.source !== undefined && outcome.sourceOwner !== 'other';
    const isLetIn = outcome.verdict === 'accept' && outcome.translation === undefined && !isMasqueraded;
    return isHealthCheck && isLetIn && isTakenIn(outcome) ? NEVER : left;
  }

  /** With route_localnet on, somebody must keep the network away from 127.0.0.0/8 (CVE-2020-8558). */
  #loopback(outcomes: readonly Outcome[]): void {
    if (this.#toLoopback === NEVER || !this.#parts.settings.localhostNodePorts) return;
    const { diagrams } = this.#parts.work;
    const arriving = diagrams.minus(this.#toLoopback, diagrams.range(ORIGIN, 0, 0));
    for (const outcome of outcomes) {
      if (outcome.verdict !== 'accept' || outcome.translation !== undefined) continue;
      const kind = outcome.passedBy === 'other' ? 'changed-by-others' : 'localhost-open';
      this.#report(kind, diagrams.and(outcome.packets, arriving), { kind: 'drop' }, outcome);
    }
  }

  /** Load balancers must be able to ask, whatever the policy of INPUT. */
  #healthChecks(outcomes: readonly Outcome[]): void {
    const port = this.#parts.specification.healthCheckAt(this.#place);
    if (port === undefined) return;
    const { diagrams } = this.#parts.work;
    const frontend: Frontend = { kind: 'nodePort', port };
    for (const outcome of outcomes) {
      const stopped = outcome.verdict === 'drop' || outcome.verdict.startsWith('reject');
      if (!stopped || outcome.where !== 'INPUT' || outcome.owner === 'kube') continue;
      const kind = outcome.owner === undefined ? 'health-check-refused' : 'changed-by-others';
      this.#report(kind, diagrams.minus(outcome.packets, this.#toLoopback), { kind: 'accept' }, outcome, frontend);
    }
  }
}

/** REJECT answers with "port unreachable", as kube-proxy's does. */
function isVerdictOf(outcome: Pick<Outcome, 'verdict'>, { verdict }: Refusal, { family }: ProxySettings): boolean {
  if (verdict === 'drop') return outcome.verdict === 'drop';
  return outcome.verdict === `reject ${portUnreachable(family)}`;
}
