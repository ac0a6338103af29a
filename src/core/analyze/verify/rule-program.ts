import type { IpFamily } from '../../model/ip.ts';
import { ipRangeMatch } from '../../ruleset/ip-range.ts';
import type { Match } from '../../ruleset/match.ts';
import type { NumberRange, PortMatch } from '../../ruleset/rule-values.ts';
import type { Rule } from '../../ruleset/rule.ts';
import type { RulesetRule } from '../../ruleset/ruleset.ts';
import type { Target } from '../../ruleset/target.ts';
import { rangesOf, type Network } from './source-ranges.ts';
import { KERNEL_ONE } from './shares.ts';

/** Who wrote a rule: kube-proxy (or chainsmith in its place), or anybody else. */
export type Owner = 'kube' | 'other';

/** What a rule asks of the destination; decided for a whole class of destinations at once (`Place`). */
export interface DestinationTest {
  readonly network: (Network & { readonly negated: boolean; readonly isHost: boolean }) | undefined;
  /** All must hold. */
  readonly protocols: readonly { readonly number: number; readonly negated: boolean }[];
  /** All must hold: the port is in one of the ranges, or in none. */
  readonly ports: readonly { readonly ranges: readonly NumberRange[]; readonly negated: boolean }[];
}

/** A rule, taken apart for evaluation. */
export interface RuleProgram {
  /** Counts all rules, from 0. */
  readonly id: number;
  /** For what only this rule decides: the id, or that of the same rule in the rules that these are compared with. */
  readonly conditionId: number;
  readonly table: string;
  readonly owner: Owner;
  readonly read: RulesetRule;
  readonly destination: DestinationTest;
  /** Tests whose answer is the same wherever the packet meets the rule. */
  readonly fixed: readonly Match[];
  /** Tests whose answer depends on the hook, the mark or the translation so far. */
  readonly changing: readonly Match[];
  /** Each takes that many of 2^31 random numbers. */
  readonly thresholds: readonly number[];
  /** Lists of -m recent that the packet's source is put into: `LIST source/255.255.255.255`. */
  readonly remembers: readonly string[];
  readonly target: Target;
  /** Not understood: neither what it matches nor what it does. */
  readonly unreadable: boolean;
}

const NO_PROTOCOLS: DestinationTest['protocols'] = [];
const NO_PORTS: DestinationTest['ports'] = [];
const TRANSPORTS: Readonly<Record<string, number>> = { tcp: 6, udp: 17, sctp: 132 };

export interface RulePlace {
  readonly table: string;
  readonly owner: Owner;
  readonly id: number;
  readonly conditionId: number;
  readonly family: IpFamily;
}

export function readRule(read: RulesetRule, { table, owner, id, conditionId, family }: RulePlace): RuleProgram {
  const { rule } = read;
  const of = (part: Part): readonly Match[] =>
    listed(
      rule.matches.filter((match) => partOf(match, family) === part),
      NO_MATCHES,
    );
  return {
    id,
    conditionId,
    table,
    owner,
    read,
    destination: destinationTest(rule),
    fixed: of('fixed'),
    changing: of('changing'),
    thresholds: listed(rule.matches.flatMap(thresholdOf), NO_NUMBERS),
    remembers: listed(rule.matches.flatMap(rememberedBy), NO_TEXTS),
    target: rule.target,
    unreadable: rule.leftover.length > 0 || isUnreadable(rule.source, family) || isUnreadable(rule.destination, family),
  };
}

const NO_MATCHES: readonly Match[] = [];
const NO_NUMBERS: readonly number[] = [];
const NO_TEXTS: readonly string[] = [];

/** Most rules have nothing of a kind, and there are hundreds of thousands of rules. */
function listed<T>(found: readonly T[], none: readonly T[]): readonly T[] {
  return found.length === 0 ? none : found;
}

/** No address at all, or a mask with so many holes that nobody means it. */
function isUnreadable(address: Rule['source'], family: IpFamily): boolean {
  if (address === undefined) return false;
  const { network } = address;
  if (network === undefined || network.family !== family) return true;
  return network.prefix === undefined && rangesOf(network, family) === undefined;
}

/** What a match is to evaluation; `none` needs none, and what asks for destinations only is asked elsewhere. */
type Part = 'fixed' | 'changing' | 'none';

const PARTS: { readonly [K in Match['kind']]: Part } = {
  tcp: 'fixed',
  udp: 'fixed',
  sctp: 'fixed',
  multiport: 'changing',
  comment: 'none',
  mark: 'changing',
  connmark: 'changing',
  conntrack: 'changing',
  addrtype: 'changing',
  'statistic-random': 'none',
  'statistic-nth': 'fixed',
  recent: 'changing',
  set: 'changing',
  physdev: 'fixed',
  nfacct: 'none',
  ipvs: 'changing',
  icmp: 'fixed',
  icmp6: 'fixed',
  limit: 'fixed',
  opaque: 'fixed',
};

function partOf(match: Match, family: IpFamily): Part {
  if (match.kind === 'opaque' && ipRangeMatch(match, family) !== undefined) return 'changing';
  if (match.kind === 'multiport')
    return match.of === 'source' ? 'fixed' : match.of === 'destination' ? 'none' : 'changing';
  if (match.kind === 'addrtype' && match.destination === undefined && match.limitInterface === undefined)
    return 'fixed';
  if (match.kind === 'recent' && match.action === 'set' && !match.negated) return 'none';
  if (match.kind === 'tcp' && match.flags === undefined && match.option === undefined) return portsPart(match);
  if (match.kind === 'udp' || (match.kind === 'sctp' && match.chunks === undefined)) return portsPart(match);
  return PARTS[match.kind];
}

/** `-m tcp` alone only repeats the protocol. */
function portsPart({ sourcePorts }: { readonly sourcePorts: PortMatch | undefined }): Part {
  return sourcePorts === undefined ? 'none' : 'fixed';
}

function thresholdOf(match: Match): readonly number[] {
  if (match.kind !== 'statistic-random') return NO_NUMBERS;
  return [match.negated ? KERNEL_ONE - match.threshold : match.threshold];
}

function rememberedBy(match: Match): readonly string[] {
  const sets = match.kind === 'recent' && match.action === 'set' && !match.negated;
  return sets ? [`${match.name} ${match.side}/${match.mask}`] : NO_TEXTS;
}

function destinationTest(rule: Rule): DestinationTest {
  const network = rule.destination?.network;
  const protocols: { number: number; negated: boolean }[] = rule.protocol === undefined ? [] : [rule.protocol];
  const ports: { ranges: readonly NumberRange[]; negated: boolean }[] = [];
  for (const match of rule.matches) {
    const transport = TRANSPORTS[match.kind];
    if (transport !== undefined && rule.protocol?.number !== transport)
      protocols.push({ number: transport, negated: false });
    if (match.kind === 'multiport' && match.of === 'destination')
      ports.push({ ranges: match.ports, negated: match.negated });
    if (match.kind !== 'tcp' && match.kind !== 'udp' && match.kind !== 'sctp') continue;
    const { destinationPorts } = match;
    if (destinationPorts !== undefined) ports.push({ ranges: [destinationPorts], negated: destinationPorts.negated });
  }
  return {
    network:
      network === undefined
        ? undefined
        : {
            base: network.base,
            mask: network.mask,
            negated: rule.destination?.negated ?? false,
            isHost: network.prefix === (network.family === 'ipv4' ? 32 : 128),
          },
    protocols: listed(protocols, NO_PROTOCOLS),
    ports: listed(ports, NO_PORTS),
  };
}

/** One protocol, one port, and not their contrary: what an index can find a rule by. */
export function exactPort({
  protocols,
  ports,
}: DestinationTest): { readonly protocol: number; readonly port: number } | undefined {
  const [protocol] = protocols;
  const [port] = ports;
  const [range] = port?.ranges ?? [];
  if (protocol === undefined || protocols.length !== 1 || protocol.negated) return undefined;
  if (port === undefined || ports.length !== 1 || port.negated || port.ranges.length !== 1) return undefined;
  return range === undefined || range.first !== range.last
    ? undefined
    : { protocol: protocol.number, port: range.first };
}

/** The one address a rule is for, if it is for one. */
export function exactAddress({ network }: DestinationTest): bigint | undefined {
  return network === undefined || network.negated || !network.isHost ? undefined : network.base;
}
