import { parseIp } from '../../model/ip.ts';
import type { Match } from '../../ruleset/match.ts';
import type { IpNetwork } from '../../ruleset/rule-values.ts';
import type { Rule } from '../../ruleset/rule.ts';
import type { RulesetChain, RulesetRule } from '../../ruleset/ruleset.ts';
import type { NatTarget } from '../../ruleset/target.ts';
import { serviceChainRole } from '../kube/service-chain.ts';
import { stepOf, type Step } from './chain-book.ts';
import { guardOf, isUnconditional } from './guard.ts';

/** Where packets are sent: by a chain that does nothing else, or by a single rule. */
export interface EndpointRules {
  /** The chain's name, or `line N`. */
  readonly key: string;
  readonly chain: string | undefined;
  /** `10.244.0.1:8080`; undefined where no readable rule says so. */
  readonly text: string | undefined;
  readonly address: string | undefined;
  readonly port: number | undefined;
  /** Of the rule that sends, IANA's number; undefined for all. */
  readonly protocol: number | undefined;
  /** Undefined where the chain is not there. */
  readonly hairpin: boolean | undefined;
  /** The only address whose packets it masquerades: its own, if nobody touched the rule. */
  readonly hairpinAddress: string | undefined;
  readonly remembers: boolean;
  readonly lines: readonly number[];
  /** Rules that an endpoint's chain does not have. */
  readonly odd: readonly Step[];
}

/** Kubernetes' own spelling of an address, which names of chains are made of; that of iptables-save differs in ::/96. */
export function endpointText(address: string, port: number | undefined): string {
  const host = address.includes(':') ? `[${parseIp(address)?.text ?? address}]` : address;
  return port === undefined ? host : `${host}:${port}`;
}

interface Destination {
  readonly text: string | undefined;
  readonly address: string | undefined;
  readonly port: number | undefined;
}

const NO_STEPS: readonly Step[] = [];

const NOT_SENT: Destination = { text: undefined, address: undefined, port: undefined };

export function destinationOf({ to }: NatTarget): Destination {
  const { addresses, ports } = to;
  const single = addresses !== undefined && addresses.first === addresses.last;
  const address = single ? addresses.first : undefined;
  const port = ports !== undefined && ports.first === ports.last ? ports.first : undefined;
  if (address !== undefined) return { text: endpointText(address, port), address, port };
  const range = addresses === undefined ? '' : `${addresses.first}-${addresses.last}`;
  const portText =
    ports === undefined ? '' : `:${ports.first === ports.last ? ports.first : `${ports.first}-${ports.last}`}`;
  return { text: `${range}${portText}`, address: undefined, port };
}

/**
 * A chain as an endpoint; undefined if it is none. One by the name of KUBE-SEP-… is, even if its rules are gone or damaged; so is any other
 * that ends in a DNAT for all packets and before that only marks some for masquerading.
 */
export function endpointChain(
  name: string,
  chain: RulesetChain | undefined,
  masquerades: (rule: Rule) => boolean,
): EndpointRules | undefined {
  const isNamed = serviceChainRole(name) === 'endpoint';
  if (!isNamed && (chain === undefined || !endsInDnat(chain, masquerades))) return undefined;
  let odd: Step[] | undefined;
  const lines = chain?.rules.map(({ line }) => line) ?? [];
  let sent = NOT_SENT;
  let hairpinAddress: string | undefined;
  let remembers = false;
  let protocol: number | undefined;
  for (const at of chain?.rules ?? []) {
    const { rule } = at;
    const use = sent === NOT_SENT ? useOf(at, masquerades) : 'other';
    if (use === 'hairpin' && hairpinAddress === undefined) hairpinAddress = sourceHost(rule);
    else if (use !== 'other' && use !== 'hairpin' && rule.target.kind === 'dnat') {
      sent = destinationOf(rule.target);
      remembers = use === 'remembers';
      protocol = rule.protocol?.negated === false && rule.protocol.number > 0 ? rule.protocol.number : undefined;
    } else (odd ??= []).push(stepOf(at));
  }
  const { text, address, port } = sent;
  const isOwn = hairpinAddress !== undefined && (address === undefined || hairpinAddress === address);
  const hairpin = chain === undefined ? undefined : isOwn;
  return {
    key: name,
    chain: name,
    text,
    address,
    port,
    protocol,
    hairpin,
    hairpinAddress,
    remembers,
    lines,
    odd: odd ?? NO_STEPS,
  };
}

type Use = 'hairpin' | 'sends' | 'remembers' | 'other';

/** What a rule is for in the chain of an endpoint. There are two for each endpoint: the usual ones are known at sight. */
function useOf({ rule }: RulesetRule, masquerades: (rule: Rule) => boolean): Use {
  const { target, matches, source } = rule;
  if (source === undefined ? target.kind !== 'dnat' : !masquerades(rule)) return 'other';
  const isSimple = matches.length < 2 && (matches.length === 0 || matches[0]?.kind === 'comment');
  const hasMore = rule.protocol !== undefined || rule.destination !== undefined || rule.inInterface !== undefined;
  if (source !== undefined && isSimple && !hasMore && !source.negated && rule.leftover.length === 0) return 'hairpin';
  if (source === undefined && isForAll(rule)) return 'sends';
  const guard = guardOf(rule);
  if (guard.destination !== undefined || guard.port !== undefined || guard.toLocal !== undefined) return 'other';
  if (source !== undefined)
    return !source.negated && isUnconditional({ ...guard, source: undefined }) ? 'hairpin' : 'other';
  if (!isUnconditional(guard)) return 'other';
  return guard.remembers === undefined ? 'sends' : 'remembers';
}

/** Asks nothing of packets but their protocol. */
function isForAll({ destination, inInterface, outInterface, protocol, fragment, leftover, matches }: Rule): boolean {
  const isAsked = destination ?? inInterface ?? outInterface ?? fragment;
  return isAsked === undefined && protocol?.negated !== true && leftover.length === 0 && matches.every(isOpen);
}

/** `-m tcp` without more. */
function isOpen(match: Match): boolean {
  if (match.kind === 'comment') return true;
  if (match.kind !== 'tcp' && match.kind !== 'udp') return false;
  if (match.sourcePorts !== undefined || match.destinationPorts !== undefined) return false;
  return match.kind === 'udp' || (match.flags === undefined && match.option === undefined);
}

function sourceHost({ source }: Rule): string | undefined {
  return source?.network === undefined ? undefined : hostOf(source.network);
}

function endsInDnat({ rules }: RulesetChain, masquerades: (rule: Rule) => boolean): boolean {
  const last = rules.at(-1)?.rule;
  if (last?.target.kind !== 'dnat' || !isUnconditional(guardOf(last))) return false;
  return rules.slice(0, -1).every(({ rule }) => masquerades(rule));
}

/** `10.244.0.1` of `10.244.0.1/32`; undefined for more than one address. */
export function hostOf({ family, prefix, text }: IpNetwork): string | undefined {
  return prefix === (family === 'ipv4' ? 32 : 128) ? text.slice(0, text.lastIndexOf('/')) : undefined;
}

/** A rule that sends packets to an endpoint without a chain of its own. */
export function endpointRule({ at, guard }: Step): EndpointRules | undefined {
  const { target } = at.rule;
  if (target.kind !== 'dnat') return undefined;
  const { text, address, port } = destinationOf(target);
  return {
    key: `line ${at.line}`,
    chain: undefined,
    text,
    address,
    port,
    protocol: guard.protocol,
    hairpin: false,
    hairpinAddress: undefined,
    remembers: guard.remembers !== undefined,
    lines: [at.line],
    odd: [],
  };
}
