import type { IpFamily } from '../../model/ip.ts';
import { ipRangeMatch, isInRange } from '../../ruleset/ip-range.ts';
import type { IcmpMatch, Match, OpaqueMatch, RecentMatch, TcpMatch } from '../../ruleset/match.ts';
import type { NamesMatch, NetworkMatch, PortMatch } from '../../ruleset/rule-values.ts';
import { printMatch } from '../../ruleset/print-match.ts';
import { ALWAYS, NEVER, type Diagram } from './node-table.ts';
import * as level from './levels.ts';
import type { PacketState } from './packet-state.ts';
import { addressOf } from './address-number.ts';
import { ConntrackMatcher } from './conntrack-matcher.ts';
import { InterfaceMatcher } from './interface-matcher.ts';
import { BROADCAST, LOCAL, MULTICAST, OTHER, TYPE_BITS, UNICAST, type Place } from './place.ts';
import type { RuleProgram } from './rule-program.ts';
import { rangesOf } from './source-ranges.ts';
import { IpvsMatcher } from './ipvs/ipvs-matcher.ts';
import type { SetIndex } from './ipvs/set-index.ts';
import type { View } from './view.ts';
import type { Workspace } from './workspace.ts';

/** Turns what rules match into diagrams. The destination's address, protocol and port are not asked: `Place` has decided them. */
export class Matcher {
  readonly #work: Workspace;
  readonly #family: IpFamily;
  #fixed = new Map<number, Diagram>();
  #generation = 0;
  readonly #conntrack: ConntrackMatcher;
  readonly #nodeAddress: bigint;
  readonly #interfaces: InterfaceMatcher;
  readonly #ipvs: IpvsMatcher;

  /**
   * @param nodeAddress what MASQUERADE gives to packets of the node to itself
   * @param ipvs what is known of the ipvs mode: virtual servers all, sets those that are there. Undefined: nothing
   */
  constructor(work: Workspace, family: IpFamily, nodeAddress: bigint, ipvs?: { readonly sets: SetIndex }) {
    this.#work = work;
    this.#family = family;
    this.#nodeAddress = nodeAddress;
    this.#conntrack = new ConntrackMatcher(work, this);
    this.#interfaces = new InterfaceMatcher(work, this);
    this.#ipvs = new IpvsMatcher(work, this, ipvs);
  }

  packets(rule: RuleProgram, state: PacketState, view: View): Diagram {
    const { diagrams } = this.#work;
    // Only what comes back by lo meets further rules with the source that POSTROUTING gave it.
    const moved = view.hook === 'INPUT' ? state.source : undefined;
    let result = moved === undefined ? this.#fixedPart(rule) : this.#movedPart(rule, moved);
    const { inInterface, outInterface } = rule.read.rule;
    if (inInterface !== undefined) result = diagrams.and(result, this.#interfaces.arriving(inInterface, rule, view));
    if (outInterface !== undefined) result = diagrams.and(result, this.#interfaces.leaving(outInterface, view));
    for (const match of rule.changing) {
      if (result === NEVER) break;
      result = diagrams.and(result, this.#changing(match, rule, state, view));
    }
    return result;
  }

  /** Packets whose destination has one of these types (bits). */
  typed(types: number, place: Place, typeLevel: number): Diagram {
    const wanted = types & place.types;
    if (wanted === 0) return NEVER;
    return wanted === place.types ? ALWAYS : this.#typeValues(typeLevel, wanted);
  }

  /** A condition that nobody here can decide. */
  opaque(rule: RuleProgram, text: string): Diagram {
    return this.#flag({ kind: 'opaque', rule: rule.conditionId, text });
  }

  sourceIn({ network, negated }: NetworkMatch): Diagram {
    const { diagrams, sources } = this.#work;
    const ranges = rangesOf(network, this.#family) ?? [];
    return this.#not(sources.anyOf(diagrams, ranges), negated);
  }

  recent(list: string, remembers: string, seconds: number | undefined, more = ''): Diagram {
    return this.#flag({ kind: 'recent', list, remembers, seconds, more });
  }

  #fixedPart(rule: RuleProgram): Diagram {
    const { generation, diagrams } = this.#work;
    if (generation !== this.#generation) {
      this.#fixed = new Map();
      this.#generation = generation;
    }
    const known = this.#fixed.get(rule.id);
    if (known !== undefined) return known;
    let result = rule.unreadable ? this.opaque(rule, 'the rule') : ALWAYS;
    const { source } = rule.read.rule;
    if (source?.network !== undefined && !rule.unreadable) result = this.sourceIn(source);
    for (const match of rule.fixed) result = diagrams.and(result, this.#fixedMatch(match, rule));
    this.#fixed.set(rule.id, result);
    return result;
  }

  /**
   * As `#fixedPart`, for packets with another source. MASQUERADE on lo takes an address with a scope wider than the host's, so none of
   * 127.0.0.0/8 (net/netfilter/nf_nat_masquerade.c, inet_select_addr).
   */
  #movedPart(rule: RuleProgram, to: string): Diagram {
    if (rule.unreadable) return this.opaque(rule, 'the rule');
    const { diagrams } = this.#work;
    const { source } = rule.read.rule;
    let result = source?.network === undefined ? ALWAYS : this.#movedSource(source, rule, to);
    for (const match of rule.fixed) {
      const part =
        match.kind === 'addrtype'
          ? this.#typeNames(match.source, (types) => ((types & LOCAL) === 0 ? NEVER : ALWAYS))
          : this.#fixedMatch(match, rule);
      result = diagrams.and(result, part);
    }
    return result;
  }

  #movedSource({ network, negated }: NetworkMatch, rule: RuleProgram, to: string): Diagram {
    const address = to === 'masquerade' ? this.#nodeAddress : addressOf(to);
    if (address === undefined) return this.opaque(rule, `-s behind SNAT to ${to}`);
    return this.#not((address & network.mask) === network.base ? ALWAYS : NEVER, negated);
  }

  #not(set: Diagram, negated: boolean): Diagram {
    return this.#work.negatedIf(negated, set);
  }

  #flag(condition: level.Condition): Diagram {
    return this.#work.flag(condition);
  }

  /** Packets whose variable has a value that an option asks for. */
  valueIn(at: number, match: PortMatch | undefined): Diagram {
    if (match === undefined) return ALWAYS;
    return this.#not(this.#work.diagrams.range(at, match.first, match.last), match.negated);
  }

  #fixedMatch(match: Match, rule: RuleProgram): Diagram {
    const { diagrams } = this.#work;
    switch (match.kind) {
      case 'tcp':
        return this.#tcp(match, rule);
      case 'udp':
        return this.valueIn(level.SOURCE_PORT, match.sourcePorts);
      case 'sctp': {
        const ports = this.valueIn(level.SOURCE_PORT, match.sourcePorts);
        return match.chunks === undefined ? ports : diagrams.and(ports, this.opaque(rule, printMatch(match)));
      }
      case 'multiport':
        return this.#not(this.#sourcePorts(match.ports), match.negated);
      case 'addrtype':
        return this.#typeNames(match.source, (types) => this.#typeValues(level.SOURCE_TYPE, types));
      case 'icmp':
      case 'icmp6':
        return this.#icmp(match);
      case 'limit':
        return this.#flag({
          kind: 'state',
          rule: rule.conditionId,
          text: `${printMatch(match)} of rule ${rule.conditionId}`,
        });
      case 'physdev':
        return this.#flag({ kind: 'state', rule: rule.conditionId, text: printMatch(match) });
      case 'ipvs':
      case 'opaque':
      case 'statistic-nth':
      case 'statistic-random':
      case 'comment':
      case 'mark':
      case 'connmark':
      case 'conntrack':
      case 'recent':
      case 'set':
      case 'nfacct':
        return this.opaque(rule, printMatch(match));
    }
  }

  #sourcePorts(ports: readonly { readonly first: number; readonly last: number }[]): Diagram {
    const { diagrams } = this.#work;
    return diagrams.any(ports.map(({ first, last }) => diagrams.range(level.SOURCE_PORT, first, last)));
  }

  #tcp(match: TcpMatch, rule: RuleProgram): Diagram {
    const { diagrams } = this.#work;
    let result = this.valueIn(level.SOURCE_PORT, match.sourcePorts);
    const { flags } = match;
    if (flags !== undefined) {
      const bits = Array.from({ length: 64 }, (_, value) => value).filter(
        (value) => (value & flags.mask) === flags.set,
      );
      const set = diagrams.any(bits.map((value) => diagrams.range(level.TCP_FLAG_BITS, value, value)));
      result = diagrams.and(result, this.#not(set, flags.negated));
    }
    return match.option === undefined ? result : diagrams.and(result, this.opaque(rule, printMatch(match)));
  }

  #icmp({ type, codes, negated }: IcmpMatch): Diagram {
    const { diagrams } = this.#work;
    const set =
      type === undefined ? ALWAYS : diagrams.range(level.ICMP_TYPE, 256 * type + codes.first, 256 * type + codes.last);
    return this.#not(set, negated);
  }

  #typeValues(at: number, types: number): Diagram {
    const { diagrams } = this.#work;
    return diagrams.any(
      TYPE_BITS.flatMap((bit, value) => ((types & bit) === 0 ? [] : [diagrams.range(at, value, value)])),
    );
  }

  #typeNames(names: NamesMatch | undefined, packets: (types: number) => Diagram): Diagram {
    if (names === undefined) return ALWAYS;
    let types = 0;
    for (const name of names.values) types |= TYPES[name] ?? OTHER;
    return this.#not(packets(types), names.negated);
  }

  #changing(match: Match, rule: RuleProgram, state: PacketState, view: View): Diagram {
    const { diagrams, marks } = this.#work;
    switch (match.kind) {
      case 'mark':
      case 'connmark': {
        const mark = match.kind === 'mark' ? state.mark : state.connmark;
        const set = marks.matches(diagrams, mark, match.value, match.mask) ?? this.opaque(rule, printMatch(match));
        return this.#not(set, match.negated);
      }
      case 'addrtype': {
        if (match.limitInterface !== undefined) return this.opaque(rule, printMatch(match));
        const source = this.#typeNames(match.source, (types) => this.#typeValues(level.SOURCE_TYPE, types));
        const to = this.#typeNames(match.destination, (types) => this.typed(types, view.place, view.typeLevel));
        return diagrams.and(source, to);
      }
      case 'multiport': {
        const { port } = view.place;
        const isTo = port !== undefined && match.ports.some(({ first, last }) => first <= port && port <= last);
        return this.#not(isTo ? ALWAYS : this.#sourcePorts(match.ports), match.negated);
      }
      case 'conntrack':
        return this.#conntrack.packets(match, rule, state, view);
      case 'recent':
        return this.#recent(match, rule, state);
      case 'set':
        return this.#ipvs.set(match, rule, state, view);
      case 'ipvs':
        return this.#ipvs.connection(match, rule, state, view);
      case 'tcp':
      case 'udp':
      case 'sctp':
      case 'comment':
      case 'statistic-random':
      case 'statistic-nth':
      case 'physdev':
      case 'nfacct':
      case 'icmp':
      case 'icmp6':
      case 'limit':
        return this.opaque(rule, printMatch(match));
      case 'opaque':
        return this.#unknown(match, rule, state, view);
    }
  }

  /** `-m iprange` is decided; a source that POSTROUTING gave is not looked into. */
  #unknown(match: OpaqueMatch, rule: RuleProgram, state: PacketState, view: View): Diagram {
    const ranges = ipRangeMatch(match, this.#family);
    const isMoved = view.hook === 'INPUT' && state.source !== undefined;
    if (ranges === undefined || (isMoved && ranges.source !== undefined)) return this.opaque(rule, printMatch(match));
    const { source, destination } = ranges;
    if (destination !== undefined && !isInRange(destination, view.place.address)) return NEVER;
    if (source === undefined) return ALWAYS;
    const { diagrams, sources } = this.#work;
    return this.#not(source.first > source.last ? NEVER : sources.anyOf(diagrams, [source]), source.negated);
  }

  #recent(match: RecentMatch, rule: RuleProgram, state: PacketState): Diagram {
    const { name, side, mask, seconds, hitcount, rttl, action } = match;
    // --set always matches; the source of --remove is forgotten, which nothing here follows.
    if (action === 'set') return this.#not(ALWAYS, match.negated);
    const more = `${hitcount ?? ''}${rttl ? ' rttl' : ''}`;
    if (action === 'remove') return this.opaque(rule, printMatch(match));
    const remembers = `${side}/${mask}`;
    if (more === '' && state.remembered.includes(`${name} ${remembers}`)) return this.#not(ALWAYS, match.negated);
    return this.#not(this.recent(name, remembers, seconds, more), match.negated);
  }
}

const TYPES: Readonly<Record<string, number>> = { UNICAST, LOCAL, BROADCAST, MULTICAST };
