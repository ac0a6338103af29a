import type { ConnmarkTarget, MarkTarget } from '../../ruleset/target.ts';
import type { RunOptions } from './run-options.ts';
import { ALWAYS, type Diagram } from './node-table.ts';
import { ORIGIN } from './levels.ts';
import type { Tracking } from './view.ts';
import { outcomesOf, type Outcome } from './outcome.ts';
import { PacketPath } from './packet-path.ts';
import type { PathParts } from './path-parts.ts';
import type { Place } from './place.ts';
import { Places, type PlaceFacts } from './places.ts';
import type { RuleProgram } from './rule-program.ts';

/**
 * Where kube-proxy's rules can do anything at all. Rules of others may tell apart a great many destinations, of which kube-proxy's rules
 * know nothing; there what happens is what would happen without them, and nothing has to be followed. So kube-proxy's rules are run alone,
 * for all packets, in the far fewer classes that they tell apart themselves.
 */
export class KubeOnly {
  readonly #parts: PathParts;
  readonly #path: PacketPath;
  readonly #places: Places;
  readonly #isClosed: boolean;
  readonly #known = new Map<string, boolean>();

  constructor(parts: PathParts, options: RunOptions, facts: PlaceFacts) {
    this.#parts = parts;
    this.#path = new PacketPath(parts, { ...options, without: 'other' });
    const { rules } = parts.programs;
    this.#places = new Places(
      rules.filter(({ owner }) => owner === 'kube'),
      facts,
    );
    const others = rules.filter(({ owner }) => owner === 'other');
    this.#isClosed = others.every((rule) => !leadsToKube(rule, options.zeroBits) && !this.#sendsToKube(rule));
  }

  /** False only if kube-proxy's rules do nothing to any packet of the class that they must not do. */
  mayAct({ address, protocol, port }: Place, tracking: Tracking): boolean {
    if (!this.#isClosed) return true;
    const place = this.#places.of(address, protocol, port);
    const key = `${place.id} ${tracking}`;
    let known = this.#known.get(key);
    if (known === undefined) {
      known = this.#acts(place, tracking);
      this.#known.set(key, known);
    }
    return known;
  }

  #acts(place: Place, tracking: Tracking): boolean {
    const { work } = this.#parts;
    const own = work.diagrams.range(ORIGIN, 0, 0);
    const arrivals = this.#path.arrive(place, ALWAYS, tracking);
    const outcomes = outcomesOf(work, this.#path, place, tracking, arrivals, ALWAYS);
    return outcomes.some((outcome) => !this.#isIdle(outcome, tracking, own));
  }

  #isIdle(outcome: Outcome, tracking: Tracking, own: Diagram): boolean {
    const { verdict, owner, where, translation, served, natOwner, source, sourceOwner, passedBy, mark } = outcome;
    if (verdict === 'drop') return tracking === 'INVALID' && where === 'FORWARD' && owner === 'kube';
    // To later packets IPVS does what it does by itself, with kube-proxy's rules or without.
    const isMoved = translation !== undefined && (served === undefined || tracking === 'NEW');
    const isChanged = isMoved || natOwner !== undefined || source !== undefined || sourceOwner !== undefined;
    if (verdict !== 'accept' || isChanged || mark !== this.#path.initialState(tracking).mark) return false;
    // Replies and later packets are let through FORWARD.
    const exists = tracking === 'ESTABLISHED' || tracking === 'RELATED';
    const forwarded = where === 'POSTROUTING' && !this.#parts.work.diagrams.meets(outcome.packets, own);
    return passedBy === undefined || (exists && forwarded);
  }

  /** DNAT to where kube-proxy's filters act, or to nobody knows where. */
  #sendsToKube(rule: RuleProgram): boolean {
    const { target } = rule;
    if (target.kind === 'redirect') return true;
    if (target.kind !== 'dnat') return false;
    const translation = this.#parts.work.translation(rule);
    if (translation?.address === undefined) return true;
    const { address, port } = translation;
    return [6, 17, 132].some((protocol) => this.#acts(this.#places.of(address, protocol, port ?? 0), 'NEW'));
  }
}

/** Rules of others that give packets what kube-proxy's rules ask for, or keep them from rules that must let them through. */
function leadsToKube({ target, table, read }: RuleProgram, bits: number): boolean {
  if (target.kind === 'mark' || target.kind === 'connmark') return touches(target, bits);
  const leaves = target.kind === 'return' || target.kind === 'goto';
  return leaves && table === 'filter' && read.rule.chain === 'FORWARD';
}

function touches(target: MarkTarget | ConnmarkTarget, bits: number): boolean {
  if (target.kind === 'mark') return ((target.value | target.mask) & bits) !== 0;
  return target.change.kind === 'restore' && (target.change.packetMask & bits) !== 0;
}
