import { parseIp } from '../../model/ip.ts';
import type { IpNetwork } from '../../ruleset/rule-values.ts';
import type { NatTarget } from '../../ruleset/target.ts';
import { serviceChainOf } from '../kube/service-chain.ts';
import type { Step } from './chain-book.ts';
import { isUnconditional } from './guard.ts';

/** Where packets are sent: by a chain that does nothing else, or by a single rule. */
export interface EndpointRules {
  /** The chain's name, or `line N`. */
  readonly key: string;
  readonly chain: string | undefined;
  /** `10.244.0.1:8080`; undefined where no readable rule says so. */
  readonly text: string | undefined;
  readonly address: string | undefined;
  readonly port: number | undefined;
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
  steps: readonly Step[] | undefined,
  masquerades: (step: Step) => boolean,
): EndpointRules | undefined {
  const isNamed = serviceChainOf(name)?.role === 'endpoint';
  if (!isNamed && (steps === undefined || !endsInDnat(steps, masquerades))) return undefined;
  const odd: Step[] = [];
  const lines: number[] = [];
  let sent = NOT_SENT;
  let hairpinAddress: string | undefined;
  let remembers = false;
  for (const step of steps ?? []) {
    const { guard } = step;
    const { rule, line } = step.at;
    lines.push(line);
    if (guard.remembers !== undefined) remembers = true;
    const own = guard.source?.negated === false ? rule.source?.network : undefined;
    if (own !== undefined && hairpinAddress === undefined && masquerades(step)) hairpinAddress = hostOf(own);
    else if (rule.target.kind === 'dnat' && sent === NOT_SENT && isUnconditional(guard))
      sent = destinationOf(rule.target);
    else odd.push(step);
  }
  const { text, address, port } = sent;
  const isOwn = hairpinAddress !== undefined && (address === undefined || hairpinAddress === address);
  const hairpin = steps === undefined ? undefined : isOwn;
  return { key: name, chain: name, text, address, port, hairpin, hairpinAddress, remembers, lines, odd };
}

function endsInDnat(steps: readonly Step[], masquerades: (step: Step) => boolean): boolean {
  const last = steps.at(-1);
  if (last?.at.rule.target.kind !== 'dnat' || !isUnconditional(last.guard)) return false;
  return steps.slice(0, -1).every((step) => masquerades(step));
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
    hairpin: false,
    hairpinAddress: undefined,
    remembers: guard.remembers !== undefined,
    lines: [at.line],
    odd: [],
  };
}
