import { parseNetwork } from '../../ruleset/ip-network.ts';
import { protocolNumber, protocolText } from '../../ruleset/protocols.ts';
import { hostCidrText } from '../../model/ip.ts';
import type { CompiledRules, CompiledVirtualServer } from '../../ruleset/compiled-rules.ts';
import type { IpNetwork } from '../../ruleset/rule-values.ts';
import type { Rule } from '../../ruleset/rule.ts';
import { serviceComment } from '../service-comment.ts';
import { ruleLines } from '../rule-lines.ts';

/** Where a Service can be reached: one protocol and port, at one address or at any of the node's own. */
export interface Frontend {
  /** IANA's number. */
  readonly protocol: number;
  readonly port: number;
  /** Undefined for a nodePort on all of the node's addresses. */
  readonly host: IpNetwork | undefined;
  /** Whether the kernel counts the address among its own: addrtype LOCAL. An external IP may be a node's. */
  readonly local: 'yes' | 'no' | 'maybe';
  /** `tcp/30080, a nodePort of default/web:http` */
  readonly label: string;
}

const KINDS: Readonly<Record<string, readonly [name: string, local: Frontend['local']]>> = {
  'cluster IP': ['the clusterIP', 'no'],
  'external IP': ['an external IP', 'maybe'],
  'loadbalancer IP': ['a load balancer IP', 'maybe'],
};

/** All frontends that nat serves; those without endpoints are none, as nothing of ours takes their packets there. */
export function frontendsOf({ chains, ipvs }: CompiledRules, readRule: (line: string) => Rule): readonly Frontend[] {
  if (ipvs !== undefined) return ipvs.virtualServers.flatMap(ipvsFrontend);
  const rulesOf = (name: string): readonly Rule[] =>
    ruleLines(chains.find((chain) => chain.table === 'nat' && chain.name === name)?.rules ?? '').map(readRule);
  const services = rulesOf('KUBE-SERVICES');
  const nodePortHosts = services.flatMap(({ target, destination }): readonly (IpNetwork | undefined)[] => {
    if (target.kind !== 'jump' || target.chain !== 'KUBE-NODEPORTS') return [];
    return [destination?.negated === false ? destination.network : undefined];
  });
  return [
    ...services.flatMap((rule) => hostFrontend(rule)),
    ...rulesOf('KUBE-NODEPORTS').flatMap((rule) => nodePortHosts.flatMap((host) => nodePortFrontend(rule, host))),
  ];
}

/** IPVS sees packets behind nat, so a rule there takes them from it. All its addresses are the node's own, by kube-ipvs0. */
function ipvsFrontend({ address, service, what }: CompiledVirtualServer): readonly Frontend[] {
  if (address.kind !== 'address') return [];
  const { protocol, ip, port } = address;
  const host = parseNetwork(hostCidrText(ip));
  const [kind] = KINDS[what] ?? ['a nodePort'];
  const label = `${protocol}/${endpointText(host?.text ?? '')}:${port}, ${kind} of ${service}`;
  return host === undefined ? [] : [{ protocol: protocolOf(protocol), port, host, local: 'yes', label }];
}

function hostFrontend(rule: Rule): readonly Frontend[] {
  const place = placeOf(rule);
  const host = rule.destination?.negated === false ? rule.destination.network : undefined;
  if (place === undefined || host === undefined) return [];
  const [kind, local] = KINDS[place.what] ?? ['an address', 'maybe'];
  const label = `${protocolText(place.protocol)}/${endpointText(host.text)}:${place.port}, ${kind} of ${place.service}`;
  return [{ protocol: place.protocol, port: place.port, host, local, label }];
}

function endpointText(host: string): string {
  const address = host.replace(/\/\d+$/, '');
  return address.includes(':') ? `[${address}]` : address;
}

function nodePortFrontend(rule: Rule, host: IpNetwork | undefined): readonly Frontend[] {
  const place = placeOf(rule);
  if (place === undefined) return [];
  const { protocol, port, service } = place;
  const label = `${protocolText(protocol)}/${port}, a nodePort of ${service}`;
  return [{ protocol, port, host, local: 'yes', label }];
}

interface Place {
  readonly protocol: number;
  readonly port: number;
  readonly service: string;
  readonly what: string;
}

function placeOf({ protocol, matches, text }: Rule): Place | undefined {
  if (protocol === undefined || protocol.negated) return undefined;
  for (const match of matches) {
    if (match.kind !== 'tcp' && match.kind !== 'udp' && match.kind !== 'sctp') continue;
    const ports = match.destinationPorts;
    if (ports === undefined || ports.negated || ports.first !== ports.last) return undefined;
    const { service = 'a Service', what = '' } = serviceComment(text) ?? {};
    return { protocol: protocol.number, port: ports.first, service, what };
  }
  return undefined;
}

/** IPv4 and IPv6 loopback are the node's own whatever its interfaces have. */
const LOOPBACK = [parseNetwork('127.0.0.0/8'), parseNetwork('::1/128')];

export function isLoopback({ family, base, mask }: IpNetwork): boolean {
  return LOOPBACK.some(
    (own) => own?.family === family && (base & own.mask) === own.base && (mask & own.mask) === own.mask,
  );
}

export function protocolOf(name: 'tcp' | 'udp' | 'sctp'): number {
  return protocolNumber(name) ?? 0;
}
