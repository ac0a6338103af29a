import type { IpFamily } from '../../model/ip.ts';
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
  // Most rules have none of these, and there are hundreds of thousands of rules.
  let fixed: Match[] = NO_MATCHES;
  let changing: Match[] = NO_MATCHES;
  let thresholds: number[] = NO_NUMBERS;
  let remembers: string[] = NO_TEXTS;
  for (const match of rule.matches) {
    if (match.kind === 'comment' || match.kind === 'nfacct') continue;
    if (match.kind === 'statistic-random') {
      thresholds = [...thresholds, match.negated ? KERNEL_ONE - match.threshold : match.threshold];
    } else if (match.kind === 'recent' && match.action === 'set' && !match.negated) {
      remembers = [...remembers, `${match.name} ${match.side}/${match.mask}`];
    } else if (!isFixed(match)) changing = [...changing, match];
    else if (!isEmpty(match)) fixed = [...fixed, match];
  }
  return {
    id,
    conditionId,
    table,
    owner,
    read,
    destination: destinationTest(rule),
    fixed,
    changing,
    thresholds,
    remembers,
    target: rule.target,
    unreadable: rule.leftover.length > 0 || isUnreadable(rule.source, family) || isUnreadable(rule.destination, family),
  };
}

const NO_MATCHES: Match[] = [];
const NO_NUMBERS: number[] = [];
const NO_TEXTS: string[] = [];

/** No address at all, or a mask with so many holes that nobody means it. */
function isUnreadable(address: Rule['source'], family: IpFamily): boolean {
  if (address === undefined) return false;
  const { network } = address;
  if (network === undefined || network.family !== family) return true;
  return network.prefix === undefined && rangesOf(network, family) === undefined;
}

/** `-m tcp` without options, which only repeats the protocol; destination ports are asked elsewhere. */
function isEmpty(match: Match): boolean {
  switch (match.kind) {
    case 'tcp':
      return match.sourcePorts === undefined && match.flags === undefined && match.option === undefined;
    case 'udp':
      return match.sourcePorts === undefined;
    case 'sctp':
      return match.sourcePorts === undefined && match.chunks === undefined;
    default:
      return false;
  }
}

function isFixed(match: Match): boolean {
  switch (match.kind) {
    case 'tcp':
    case 'udp':
    case 'sctp':
    case 'icmp':
    case 'icmp6':
    case 'limit':
    case 'physdev':
    case 'ipvs':
    case 'opaque':
    case 'statistic-nth':
      return true;
    case 'multiport':
      return match.of === 'source';
    case 'addrtype':
      return match.destination === undefined && match.limitInterface === undefined;
    default:
      return false;
  }
}

function destinationTest(rule: Rule): DestinationTest {
  const network = rule.destination?.network;
  let protocols: readonly { number: number; negated: boolean }[] =
    rule.protocol === undefined ? NO_PROTOCOLS : [rule.protocol];
  let ports: { ranges: readonly NumberRange[]; negated: boolean }[] | undefined;
  const need = (match: PortMatch | undefined): void => {
    if (match !== undefined) (ports ??= []).push({ ranges: [match], negated: match.negated });
  };
  for (const match of rule.matches) {
    const transport = TRANSPORTS[match.kind];
    if (transport !== undefined && rule.protocol?.number !== transport) {
      protocols = [...protocols, { number: transport, negated: false }];
    }
    if (match.kind === 'tcp' || match.kind === 'udp' || match.kind === 'sctp') need(match.destinationPorts);
    else if (match.kind === 'multiport' && match.of === 'destination') {
      (ports ??= []).push({ ranges: match.ports, negated: match.negated });
    }
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
    protocols,
    ports: ports ?? NO_PORTS,
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
