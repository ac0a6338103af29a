import type { Match, RecentMatch, SetMatch } from '../../ruleset/match.ts';
import { printMatch } from '../../ruleset/print-match.ts';
import { protocolText } from '../../ruleset/protocols.ts';
import type { NetworkMatch, PortMatch } from '../../ruleset/rule-values.ts';
import type { Rule, UnreadableAddress } from '../../ruleset/rule.ts';

/** Which packets a rule is about, in the terms that rules for Services are written in. What is not given matches everything. */
export interface Guard {
  /** `-s` or `-i`. */
  readonly source: SourceTest | undefined;
  /** `--src-type LOCAL`: whether the node itself sends it. */
  readonly fromLocal: boolean | undefined;
  /** `--dst-type LOCAL`: whether it is for an address of the node. */
  readonly toLocal: boolean | undefined;
  readonly destination: NetworkMatch | UnreadableAddress | undefined;
  /** IANA's number. */
  readonly protocol: number | undefined;
  readonly port: number | undefined;
  /** The part of the packets that a random draw, or a count, picks. */
  readonly odds: Odds | undefined;
  /** Only who was sent there lately (`recent --rcheck`). */
  readonly remembered: RecentMatch | undefined;
  /** The source is remembered (`recent --set`); all packets match. */
  readonly remembers: RecentMatch | undefined;
  readonly sets: readonly SetMatch[];
  /** All else, as iptables-save prints it. */
  readonly other: readonly string[];
}

export interface Odds {
  readonly numerator: number;
  readonly denominator: number;
}

export interface SourceTest {
  /** Without `!`: `-s 10.244.0.0/16`, `-i cni0`. */
  readonly text: string;
  readonly negated: boolean;
  /** Undefined for an interface. */
  readonly network: string | undefined;
}

const DRAW = 2 ** 31;

type OpenGuard = { -readonly [F in keyof Guard]: Guard[F] };

const NONE: readonly never[] = [];

export function guardOf(rule: Rule): Guard {
  const { protocol } = rule;
  const guard: OpenGuard = {
    source: undefined,
    fromLocal: undefined,
    toLocal: undefined,
    destination: rule.destination,
    protocol: protocol === undefined || protocol.negated || protocol.number === 0 ? undefined : protocol.number,
    port: undefined,
    odds: undefined,
    remembered: undefined,
    remembers: undefined,
    sets: NONE,
    other: NONE,
  };
  readAddresses(rule, guard);
  for (const match of rule.matches) {
    if (!readMatch(match, guard)) addOther(guard, printMatch(match));
  }
  if (protocol?.negated === true) addOther(guard, `! -p ${protocolText(protocol.number)}`);
  return guard;
}

function addOther(guard: OpenGuard, text: string): void {
  guard.other = [...guard.other, text];
}

function readAddresses({ source, inInterface, outInterface, fragment, leftover }: Rule, guard: OpenGuard): void {
  if (source !== undefined) {
    const network = source.network === undefined ? source.text : source.network.text;
    guard.source = { text: `-s ${network}`, negated: source.negated, network };
  }
  if (inInterface !== undefined) {
    const test = { text: `-i ${inInterface.value}`, negated: inInterface.negated, network: undefined };
    if (guard.source === undefined) guard.source = test;
    else addOther(guard, `${test.negated ? '! ' : ''}${test.text}`);
  }
  if (outInterface !== undefined) addOther(guard, `${outInterface.negated ? '! ' : ''}-o ${outInterface.value}`);
  if (fragment !== undefined) addOther(guard, fragment.negated ? '! -f' : '-f');
  if (leftover.length > 0) addOther(guard, leftover.join(' '));
}

/** False if the match says more than a guard can. */
function readMatch(match: Match, guard: OpenGuard): boolean {
  switch (match.kind) {
    case 'comment':
    case 'nfacct':
      return true;
    case 'tcp':
      if (match.flags !== undefined || match.option !== undefined || match.sourcePorts !== undefined) return false;
      return readPort(match.destinationPorts, guard);
    case 'sctp':
      if (match.chunks !== undefined || match.sourcePorts !== undefined) return false;
      return readPort(match.destinationPorts, guard);
    case 'udp':
      return match.sourcePorts === undefined && readPort(match.destinationPorts, guard);
    case 'multiport': {
      const [only, ...more] = match.ports;
      if (match.negated || match.of !== 'destination' || only === undefined || more.length > 0) return false;
      return readPort({ ...only, negated: false }, guard);
    }
    case 'addrtype':
      return readAddressTypes(match, guard);
    case 'statistic-random':
    case 'statistic-nth':
      return readOdds(match, guard);
    case 'recent':
      return readRecent(match, guard);
    case 'conntrack':
      // What nat sees is the first packet of a connection, and what filter asks for is one that nothing was done with.
      return isNewConnection(match);
    case 'set':
      guard.sets = [...guard.sets, match];
      return true;
    case 'mark':
    case 'connmark':
    case 'physdev':
    case 'ipvs':
    case 'icmp':
    case 'icmp6':
    case 'limit':
    case 'opaque':
      return false;
  }
}

function readPort(ports: PortMatch | undefined, guard: OpenGuard): boolean {
  if (ports === undefined) return true;
  if (ports.negated || ports.first !== ports.last || guard.port !== undefined) return false;
  guard.port = ports.first;
  return true;
}

function readAddressTypes(match: Match & { readonly kind: 'addrtype' }, guard: OpenGuard): boolean {
  const { source, destination, limitInterface } = match;
  const isLocal = (names: typeof source): boolean => names?.values.length === 1 && names.values[0] === 'LOCAL';
  if (limitInterface !== undefined) return false;
  if (source !== undefined && (!isLocal(source) || guard.fromLocal !== undefined)) return false;
  if (destination !== undefined && (!isLocal(destination) || guard.toLocal !== undefined)) return false;
  if (source !== undefined) guard.fromLocal = !source.negated;
  if (destination !== undefined) guard.toLocal = !destination.negated;
  return true;
}

function readOdds(match: Match & { readonly kind: 'statistic-random' | 'statistic-nth' }, guard: OpenGuard): boolean {
  if (guard.odds !== undefined) return false;
  const [picked, denominator] = match.kind === 'statistic-random' ? [match.threshold, DRAW] : [1, match.every];
  guard.odds = { numerator: match.negated ? denominator - picked : picked, denominator };
  return true;
}

function readRecent(match: RecentMatch, guard: OpenGuard): boolean {
  if (match.negated || match.hitcount !== undefined || match.rttl || match.side !== 'source') return false;
  if (match.action === 'set' && guard.remembers === undefined) {
    guard.remembers = match;
    return true;
  }
  if ((match.action === 'rcheck' || match.action === 'update') && guard.remembered === undefined) {
    guard.remembered = match;
    return true;
  }
  return false;
}

function isNewConnection(match: Match & { readonly kind: 'conntrack' }): boolean {
  const { kind, spelling, states, ...more } = match;
  if (states === undefined || states.negated || !states.values.includes('NEW')) return false;
  return kind === 'conntrack' && spelling.length > 0 && Object.values(more).every((value) => value === undefined);
}

/** Matches every packet of a service port: nothing is left to chance, to the source, to a condition that is not understood. */
export function isUnconditional(guard: Guard): boolean {
  const { source, fromLocal, odds, remembered, sets, other } = guard;
  return (
    source === undefined &&
    fromLocal === undefined &&
    odds === undefined &&
    remembered === undefined &&
    sets.length === 0 &&
    other.length === 0
  );
}

/** All further conditions, as a rule is written, without the destination and the protocol. */
export function conditionTexts(guard: Guard): readonly string[] {
  const { source, fromLocal, toLocal, other, sets } = guard;
  if (toLocal === undefined && isUnconditional(guard)) return NONE;
  return [
    ...(source === undefined ? [] : [`${source.negated ? '! ' : ''}${source.text}`]),
    ...other,
    ...sets.map((set) => printMatch(set)),
    ...(fromLocal === undefined ? [] : [`-m addrtype ${fromLocal ? '' : '! '}--src-type LOCAL`]),
    ...(toLocal === undefined ? [] : [`-m addrtype ${toLocal ? '' : '! '}--dst-type LOCAL`]),
  ];
}
