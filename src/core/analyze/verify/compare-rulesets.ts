import { addressNumber } from './address-number.ts';
import { parseIp, type Ip } from '../../model/ip.ts';
import type { Ruleset } from '../../ruleset/ruleset.ts';
import { sortedBy } from '../../util/order.ts';
import { actualOutcomes, recordedOutcomes } from './actual-outcomes.ts';
import { blamed } from './blame.ts';
import { causes, changeKinds, onlyIn, serviceOf } from './change-causes.ts';
import type { RunOptions } from './run-options.ts';
import { ALWAYS, NEVER, TooHard, type Diagram } from './node-table.ts';
import type { Undecided } from './difference.ts';
import { ExampleFinder, type Example, type ExamplePacket } from './example.ts';
import { groupBy } from '../../util/group-by.ts';
import { FIRST_OPAQUE } from './levels.ts';
import { Matcher } from './matcher.ts';
import type { Tracking } from './view.ts';
import { addedUp, outcomesOf, type Outcome } from './outcome.ts';
import { PacketPath } from './packet-path.ts';
import type { PathParts } from './path-parts.ts';
import type { Place } from './place.ts';
import { Places } from './places.ts';
import { Programs } from './programs.ts';
import type { RuleProgram } from './rule-program.ts';
import type { CompareResult, RulesetDifference } from './ruleset-difference.ts';
import { SameRules } from './same-rules.ts';
import { TooManyWays } from './too-many-ways.ts';
import { exampleSources, makeSetting, possiblePackets, type Setting } from './setting.ts';

export interface CompareOptions {
  /** Known addresses of the node; of every other address both are tried. */
  readonly localAddresses?: readonly Ip[];
  readonly mostNodes?: number;
}

const RENEW_ABOVE = 1_500_000;
const TRACKINGS: readonly Tracking[] = ['ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'];
/** Both may round: twice the slack of shares. */
const SLACK_BITS = 30;
/** Differences of one kind without a Service; more say nothing new. */
const MOST_ALIKE = 100;

/** Decides for every packet whether two rule sets of one family do the same to it. Rules of everybody count. */
export function compareRulesets(before: Ruleset, after: Ruleset, options: CompareOptions = {}): CompareResult {
  return new Comparison(before, after, options).run();
}

interface Side {
  readonly programs: Programs;
  readonly parts: PathParts;
  readonly path: PacketPath;
}

class Comparison {
  readonly #setting: Setting;
  readonly #sides: readonly [Side, Side];
  readonly #places: Places;
  readonly #placesOutsideNat: Places;
  readonly #run: RunOptions;
  readonly #finder: ExampleFinder;
  readonly #same: SameRules;
  readonly #differences = new Map<string, RulesetDifference>();
  readonly #undecided = new Map<string, Undecided>();
  #possible: { readonly generation: number; readonly packets: Diagram } | undefined;
  #classes = 0;

  constructor(before: Ruleset, after: Ruleset, { localAddresses = [], mostNodes = 6_000_000 }: CompareOptions) {
    const { family } = before;
    const first = new Programs(before);
    const second = new Programs(after, first);
    const rules = [...first.rules, ...second.rules];
    this.#setting = makeSetting({ family, rules, localAddresses, mostNodes });
    const { work, facts } = this.#setting;
    this.#places = new Places(rules, facts);
    this.#placesOutsideNat = new Places([...first.rulesOutsideNat(), ...second.rulesOutsideNat()], facts);
    const laterPlaces = new Places([...first.rulesAfterTranslation(), ...second.rulesAfterTranslation()], facts);
    this.#same = new SameRules(work, first, second, laterPlaces);
    const own = localAddresses.find((ip) => ip.family === family && !ip.text.startsWith('127.') && ip.text !== '::1');
    const nodeIp = own ?? parseIp(family === 'ipv4' ? '192.0.2.1' : '2001:db8::1') ?? { family, text: '' };
    const matcher = new Matcher(work, family, addressNumber(nodeIp));
    const zeroBits = (first.kubeMarkBits() | second.kubeMarkBits()) >>> 0;
    this.#run = { without: undefined, record: false, zeroBits, ownBits: 0xffffffff };
    const side = (programs: Programs): Side => {
      const parts: PathParts = { work, programs, matcher, laterPlaces, packets: ALWAYS, servers: undefined };
      return { programs, parts, path: new PacketPath(parts, this.#run) };
    };
    this.#sides = [side(first), side(second)];
    this.#finder = new ExampleFinder(work, { family, nodeIp, sources: exampleSources(undefined, family) });
  }

  run(): CompareResult {
    for (const place of this.#places.all()) this.#attempt(place, 'NEW');
    for (const place of this.#placesOutsideNat.all()) for (const tracking of TRACKINGS) this.#attempt(place, tracking);
    const differences = sortedBy(
      this.#differences.values(),
      (d) => (d.service === undefined ? 1 : 0),
      (d) => d.service ?? '',
      (d) => d.kind,
      (d) => d.rulesBefore[0]?.line ?? 0,
      (d) => d.rulesAfter[0]?.line ?? 0,
    );
    const undecided = sortedBy(
      this.#undecided.values(),
      ({ rule }) => rule?.line ?? 0,
      ({ reason }) => reason,
    );
    const [before, after] = this.#sides;
    return {
      verdict: differences.length > 0 ? 'different' : undecided.length > 0 ? 'undecided' : 'same',
      differences,
      undecided,
      stats: {
        rulesBefore: before.programs.rules.length,
        rulesAfter: after.programs.rules.length,
        classes: this.#classes,
      },
    };
  }

  #possiblePackets(): Diagram {
    const { generation } = this.#setting.work;
    if (this.#possible?.generation !== generation)
      this.#possible = { generation, packets: possiblePackets(this.#setting) };
    return this.#possible.packets;
  }

  #attempt(place: Place, tracking: Tracking): void {
    const { work } = this.#setting;
    work.renew(RENEW_ABOVE);
    this.#classes += 1;
    try {
      this.#compare(place, tracking);
    } catch (error) {
      if (!(error instanceof TooHard)) throw error;
      const reason = `too many combinations of rules: ${error.message}`;
      const rules = error instanceof TooManyWays ? error.rules : [undefined];
      for (const rule of rules) {
        const doubt = { rule: rule && blamed(rule), reason, services: [], others: true, packet: undefined };
        this.#undecided.set(rule === undefined ? '' : `ways ${rule.conditionId}`, doubt);
      }
      work.renew(0);
    }
  }

  #compare(place: Place, tracking: Tracking): void {
    if (this.#same.at(place)) return;
    const { work } = this.#setting;
    const { diagrams } = work;
    const [before, after] = this.#sides.map(({ path }) =>
      outcomesOf(work, path, place, tracking, path.arrive(place, ALWAYS, tracking), ALWAYS),
    );
    const left = this.#byKey(before ?? []);
    const right = this.#byKey(after ?? []);
    let different = NEVER;
    for (const key of new Set([...left.keys(), ...right.keys()])) {
      different = diagrams.or(different, this.#unequal(left.get(key) ?? [], right.get(key) ?? []));
    }
    different = diagrams.and(different, this.#possiblePackets());
    const unknown = [...left, ...right]
      .filter(([key]) => key.startsWith('unknown'))
      .flatMap(([, outcomes]) => outcomes);
    for (const { unknown: rule, packets } of unknown) {
      if (rule === undefined || !diagrams.meets(packets, different)) continue;
      this.#doubt(rule, diagrams.and(packets, different), place, tracking);
      different = diagrams.minus(different, packets);
    }
    if (different !== NEVER) this.#found(different, place, tracking);
  }

  #byKey(outcomes: readonly Outcome[]): ReadonlyMap<string, readonly Outcome[]> {
    return groupBy(outcomes, ({ verdict, translation, source, mark, remembered, where, unknown }) => {
      if (verdict === 'unknown') return `unknown ${unknown?.conditionId ?? ''}`;
      if (verdict !== 'accept') return verdict;
      const marked = where === 'POSTROUTING' || where === 'loopback' ? mark : '';
      return `accept ${translation ?? ''} ${source ?? ''} ${marked} ${remembered.join()}`;
    });
  }

  /** Packets to which the same thing happens with another chance, or in one rule set alone. */
  #unequal(before: readonly Outcome[], after: readonly Outcome[]): Diagram {
    const { work } = this.#setting;
    const { diagrams, shares } = work;
    const [left, right] = [addedUp(work, before), addedUp(work, after)];
    const [all, now] = [diagrams.any(left.map((c) => c.packets)), diagrams.any(right.map((c) => c.packets))];
    let different = diagrams.or(diagrams.minus(all, now), diagrams.minus(now, all));
    for (const a of left) {
      for (const b of right) {
        if (a.share === b.share || !diagrams.meets(a.packets, b.packets)) continue;
        if (!shares.areWithin(a.share, b.share, SLACK_BITS))
          different = diagrams.or(different, diagrams.and(a.packets, b.packets));
      }
    }
    return different;
  }

  #found(packets: Diagram, place: Place, tracking: Tracking): void {
    const { work } = this.#setting;
    const sure = work.diagrams.whatever(packets, FIRST_OPAQUE);
    if (sure === NEVER) return this.#doubtOpaque(packets, place, tracking);
    let left = sure;
    // The packets of a class may differ in more than one way: each is shown once.
    for (let ways = 0; ways < MOST_WAYS && left !== NEVER; ways++) {
      const example = this.#finder.find(left, place, tracking, undefined);
      if (example === undefined) return;
      const outcomes = this.#sides.map(({ parts }) =>
        recordedOutcomes({ ...parts, options: this.#run }, { place, tracking }, example),
      );
      this.#keep(example, outcomes[0] ?? [], outcomes[1] ?? []);
      let alike = ALWAYS;
      for (const [i, side] of this.#sides.entries()) {
        for (const outcome of outcomes[i] ?? [])
          alike = work.diagrams.and(alike, this.#sameFate(side, outcome, place, tracking));
      }
      left = work.diagrams.minus(left, alike === ALWAYS ? left : alike);
    }
  }

  /** The packets of the class to which this happens as well by the rules of one side. */
  #sameFate({ path }: Side, { verdict, translation, source }: Outcome, place: Place, tracking: Tracking): Diagram {
    const { work } = this.#setting;
    const all = outcomesOf(work, path, place, tracking, path.arrive(place, ALWAYS, tracking), ALWAYS);
    return work.diagrams.any(
      all
        .filter((o) => o.verdict === verdict && o.translation === translation && o.source === source)
        .map(({ packets }) => packets),
    );
  }

  #keep({ packet }: Example, before: readonly Outcome[], after: readonly Outcome[]): void {
    const { work } = this.#setting;
    const service = serviceOf([...before, ...after]);
    const [left, right] = this.#sides;
    const [rulesBefore, rulesAfter] = causes(
      onlyIn(before, after, right.programs.texts()),
      onlyIn(after, before, left.programs.texts()),
    );
    const [first] = [...rulesBefore, ...rulesAfter];
    const cause = service ?? (first === undefined ? '' : `${first.table} ${first.chain} ${first.line ?? ''}`);
    for (const kind of changeKinds(before, after)) {
      const key = `${service === undefined ? ' ' : ''}${cause} ${kind}`;
      if (this.#differences.has(key) || (service === undefined && this.#isEnough(kind))) continue;
      const [was, is] = [actualOutcomes(work, before, 0), actualOutcomes(work, after, 0)];
      this.#differences.set(key, { kind, service, packet, before: was, after: is, rulesBefore, rulesAfter });
    }
  }

  /** Of what has no Service. */
  #isEnough(kind: RulesetDifference['kind']): boolean {
    const alike = [...this.#differences.values()].filter((d) => d.service === undefined && d.kind === kind);
    return alike.length >= MOST_ALIKE;
  }

  #doubt(rule: RuleProgram, packets: Diagram, place: Place, tracking: Tracking): void {
    const key = `${rule.table} ${rule.read.rule.text}`;
    if (packets === NEVER || this.#undecided.has(key)) return;
    const packet = this.#finder.find(packets, place, tracking, undefined)?.packet;
    const reason =
      rule.target.kind === 'opaque' ? `what ${rule.target.name} does is not known` : 'what the rule does is not known';
    this.#undecided.set(key, { rule: blamed(rule), reason, services: [], others: true, packet });
  }

  #doubtOpaque(packets: Diagram, place: Place, tracking: Tracking): void {
    const { work } = this.#setting;
    // One packet serves for all rules: choosing one takes long where there are hundreds of them.
    let example: { readonly packet: ExamplePacket | undefined } | undefined;
    for (const at of work.diagrams.levelsOf(packets)) {
      const condition = work.conditions.at(at);
      if (condition?.kind !== 'opaque') continue;
      const rule = this.#sides
        .map(({ programs }) => programs.byId(condition.rule))
        .find((found) => found !== undefined);
      if (rule === undefined) continue;
      const key = `match ${rule.table} ${rule.read.rule.text}`;
      if (this.#undecided.has(key)) continue;
      example ??= { packet: this.#finder.find(packets, place, tracking, undefined)?.packet };
      const reason = `whether it matches cannot be said: ${condition.text}`;
      const { packet } = example;
      this.#undecided.set(key, { rule: blamed(rule), reason, services: [], others: true, packet });
    }
  }
}

const MOST_WAYS = 8;
