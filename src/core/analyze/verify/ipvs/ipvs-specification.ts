import { cidrContains, isLoopback, parseCidr, type Ip } from '../../../model/ip.ts';
import type { IpvsConfig } from '../../../model/proxy-config.ts';
import type { Endpoint } from '../../../services/endpoint.ts';
import type { ProxySettings } from '../../../services/proxy-settings.ts';
import type { ServicePortEntry } from '../../../services/service-port.ts';
import type { ServiceTable } from '../../../services/service-table.ts';
import { addressNumber } from '../address-number.ts';
import { ALWAYS, NEVER, type Diagram } from '../node-table.ts';
import { DESTINATION_TYPE, ORIGIN } from '../levels.ts';
import type { Matcher } from '../matcher.ts';
import { LOCAL, placeKeys, type Place } from '../place.ts';
import type { Requirements } from '../requirements.ts';
import type { AddressRange } from '../source-ranges.ts';
import {
  cidrRange,
  PROTOCOL_NUMBERS,
  single,
  type Delivery,
  type Frontend,
  type FrontendKind,
  type Refusal,
  type SpecificationCuts,
} from '../specification.ts';
import type { Workspace } from '../workspace.ts';

export interface IpvsMeaning {
  readonly table: ServiceTable;
  readonly settings: ProxySettings;
  readonly config: IpvsConfig;
  /** Addresses of the node's own interfaces, without kube-ipvs0. */
  readonly localAddresses: readonly Ip[];
}

const LINK_LOCAL = parseCidr('fe80::/10');

/** Where nodePorts have virtual servers: not at loopback, nor at addresses that mean nothing without an interface. */
function nodePortIps({ settings: { nodePortAddresses }, localAddresses }: IpvsMeaning): readonly Ip[] {
  const ips = nodePortAddresses.kind === 'only' ? nodePortAddresses.ips : localAddresses;
  return ips.filter((ip) => !isLoopback(ip) && !(LINK_LOCAL !== undefined && cidrContains(LINK_LOCAL, ip)));
}

export function ipvsSpecificationCuts(meaning: IpvsMeaning): SpecificationCuts {
  const { table, settings } = meaning;
  const points: { address: bigint; protocol: number; port: number }[] = [];
  const ports: { protocol: number; port: number }[] = [];
  const sources: AddressRange[] = [];
  const nodeIps = nodePortIps(meaning);
  for (const port of table.servicePorts) {
    const protocol = PROTOCOL_NUMBERS[port.protocol];
    const addresses = [port.clusterIp, ...port.externalIps, ...port.loadBalancerIps];
    points.push(...addresses.map((ip) => ({ address: addressNumber(ip), protocol, port: port.port })));
    if (port.nodePort !== 0) {
      points.push(...nodeIps.map((ip) => ({ address: addressNumber(ip), protocol, port: port.nodePort })));
      ports.push({ protocol, port: port.nodePort });
    }
    // What comes from a cluster IP is told by the port that it goes to.
    if (settings.localDetector.kind === 'none') ports.push({ protocol, port: port.port });
    if (port.healthCheckNodePort !== 0)
      ports.push(...[6, 17].map((number) => ({ protocol: number, port: port.healthCheckNodePort })));
    sources.push(...addresses.map(single), ...port.sourceRanges.map(cidrRange));
    for (const endpoint of port.endpointsOnNode) {
      sources.push(single(endpoint.ip));
      points.push({ address: addressNumber(endpoint.ip), protocol, port: endpoint.port });
    }
  }
  const { localDetector } = settings;
  if (localDetector.kind === 'source') sources.push(cidrRange(localDetector.cidr));
  return {
    points,
    ports,
    sources,
    destinations: [boundAddresses(meaning).map(single)],
    interfaces: localDetector.kind === 'interface' ? [localDetector.name] : [],
  };
}

/** Addresses of Services that kube-ipvs0 must have: all but those that another interface has. */
export function boundAddresses({
  table,
  localAddresses,
}: Pick<IpvsMeaning, 'table' | 'localAddresses'>): readonly Ip[] {
  const own = new Set(localAddresses.map(({ text }) => text));
  const all = table.servicePorts.flatMap(({ clusterIp, externalIps, loadBalancerIps }) => [
    clusterIp,
    ...[...externalIps, ...loadBalancerIps].filter(({ text }) => !own.has(text)),
  ]);
  return [...new Map(all.map((ip) => [ip.text, ip])).values()];
}

/**
 * The same as `Specification` for the ipvs mode, with what it is known to do otherwise: a policy Local without an endpoint on the node falls
 * back to all endpoints, also for Pods and the node there is no other way than the policy's; a Service without endpoints is refused by IPVS;
 * nothing answers at other ports of the address of a Service; source ranges hold whether there are endpoints or not.
 */
export class IpvsSpecification implements Requirements {
  readonly #meaning: IpvsMeaning;
  readonly #work: Workspace;
  readonly #matcher: Matcher;
  readonly #frontends = new Map<string, Frontend>();
  /** The first Service at each address of kube-ipvs0. */
  readonly #bound = new Map<bigint, Frontend>();
  readonly #nodePorts = new Map<string, ServicePortEntry>();
  readonly #clusterIps = new Map<string, Ip[]>();
  readonly #healthChecks = new Map<number, ServicePortEntry>();
  readonly #onNode = new Map<string, Ip>();

  constructor(meaning: IpvsMeaning, work: Workspace, matcher: Matcher) {
    this.#meaning = meaning;
    this.#work = work;
    this.#matcher = matcher;
    const bound = new Set(boundAddresses(meaning).map(addressNumber));
    for (const port of meaning.table.servicePorts) this.#add(port, bound);
    const nodeIps = nodePortIps(meaning);
    for (const port of meaning.table.servicePorts) {
      // Without an address for its nodePort kube-proxy leaves out the health check as well.
      const isReachable = port.nodePort === 0 || nodeIps.length > 0;
      if (port.healthCheckNodePort !== 0 && isReachable) this.#healthChecks.set(port.healthCheckNodePort, port);
      if (port.nodePort === 0) continue;
      const protocol = PROTOCOL_NUMBERS[port.protocol];
      this.#nodePorts.set(placeKeys(0n, protocol, port.nodePort).portKey, port);
      // An address of a Service comes first, as it does in iptables.
      for (const ip of nodeIps) this.#addFrontend(ip, protocol, port.nodePort, { kind: 'nodePort', port });
    }
  }

  #add(port: ServicePortEntry, bound: ReadonlySet<bigint>): void {
    const protocol = PROTOCOL_NUMBERS[port.protocol];
    const add = (ip: Ip, kind: FrontendKind): void => {
      const address = addressNumber(ip);
      const frontend: Frontend = { kind, port };
      this.#addFrontend(ip, protocol, port.port, frontend, kind !== 'clusterIP');
      if (bound.has(address) && !this.#bound.has(address)) this.#bound.set(address, frontend);
    };
    add(port.clusterIp, 'clusterIP');
    for (const ip of port.externalIps) add(ip, 'externalIP');
    for (const ip of port.loadBalancerIps) add(ip, 'loadBalancerIP');
    const { portKey } = placeKeys(0n, protocol, port.port);
    this.#clusterIps.set(portKey, [...(this.#clusterIps.get(portKey) ?? []), port.clusterIp]);
    for (const { ip, port: number } of port.endpointsOnNode)
      this.#onNode.set(placeKeys(addressNumber(ip), protocol, number).exactKey, ip);
  }

  /** An address that one service port names twice is of the later kind. */
  #addFrontend(ip: Ip, protocol: number, port: number, frontend: Frontend, replaces = false): void {
    const { exactKey } = placeKeys(addressNumber(ip), protocol, port);
    const known = this.#frontends.get(exactKey);
    if (known === undefined || (replaces && known.port === frontend.port)) this.#frontends.set(exactKey, frontend);
  }

  /** The set of these ports knows no protocol, and is asked for TCP and UDP. */
  healthCheckAt({ protocol, port }: Place): ServicePortEntry | undefined {
    return (protocol === 6 || protocol === 17) && port !== undefined ? this.#healthChecks.get(port) : undefined;
  }

  frontendsAt({ exactKey }: Place): readonly Frontend[] {
    const found = this.#frontends.get(exactKey);
    return found === undefined ? [] : [found];
  }

  deliveries(place: Place, packets: Diagram): { readonly deliveries: readonly Delivery[]; readonly rest: Diagram } {
    const [frontend] = this.frontendsAt(place);
    if (frontend === undefined) return { deliveries: [], rest: packets };
    const endpoints = endpointsOf(frontend);
    if (endpoints.length === 0) return { deliveries: [], rest: packets };
    const { diagrams } = this.#work;
    const closed = this.#closed(frontend, place);
    const open = diagrams.minus(packets, diagrams.or(closed, this.#pretended(frontend, place)));
    const [must, may] = this.#masquerade(frontend, place);
    const delivery: Delivery = { ...frontend, packets: open, endpoints, masquerade: must, mayMasquerade: may };
    return { deliveries: open === NEVER ? [] : [delivery], rest: diagrams.and(packets, closed) };
  }

  refusals(place: Place, _typeLevel: number): readonly Refusal[] {
    const { diagrams } = this.#work;
    const [frontend] = this.frontendsAt(place);
    if (frontend !== undefined) {
      const closed = this.#closed(frontend, place);
      const drop: readonly Refusal[] =
        closed === NEVER ? [] : [{ ...frontend, verdict: 'drop', must: closed, may: NEVER }];
      if (endpointsOf(frontend).length > 0) return drop;
      return [...drop, { ...frontend, verdict: 'reject', must: diagrams.not(closed), may: NEVER }];
    }
    const bound = this.#bound.get(place.address);
    // A health check may be answered at any address.
    if (bound === undefined || this.healthCheckAt(place) !== undefined) return [];
    return [{ ...bound, verdict: 'reject', must: ALWAYS, may: NEVER }];
  }

  /** What endpoints of this node send to themselves; what the node sends to itself at a nodePort; what comes from the address of a Service. */
  mayMasquerade(place: Place): Diagram {
    const { diagrams, sources } = this.#work;
    const itself = this.#onNode.get(place.exactKey);
    const own = diagrams.and(diagrams.range(ORIGIN, 0, 0), this.#matcher.typed(LOCAL, place, DESTINATION_TYPE));
    return diagrams.any([
      itself === undefined ? NEVER : sources.diagram(diagrams, single(itself)),
      this.#isMaskedPort(place) ? own : NEVER,
      this.#fromService(place),
    ]);
  }

  /** Source ranges are asked of every packet, not of the first alone. */
  neverBegun(place: Place): Diagram {
    const [frontend] = this.frontendsAt(place);
    if (frontend === undefined) return NEVER;
    return this.#work.diagrams.or(this.#closed(frontend, place), this.#pretended(frontend, place));
  }

  /**
   * Packets from elsewhere that pretend to come from the load balancer IP itself, where the node may not use it: the kernel drops them
   * before any rule (it is an address of the node), and the rule that keeps the node out meets those only that go to another node.
   */
  #pretended({ kind, port }: Frontend, { address }: Place): Diagram {
    if (kind !== 'loadBalancerIP' || port.sourceRanges.length === 0 || this.#nodeMay(port)) return NEVER;
    const { diagrams, sources } = this.#work;
    const itself = sources.diagram(diagrams, { first: address, last: address });
    return diagrams.minus(itself, diagrams.or(diagrams.range(ORIGIN, 0, 0), this.#closed({ kind, port }, { address })));
  }

  #nodeMay({ sourceRanges }: ServicePortEntry): boolean {
    return sourceRanges.some((range) => cidrContains(range, this.#meaning.settings.nodeIp));
  }

  /** Packets that source ranges keep out. */
  #closed({ kind, port }: Frontend, { address }: Pick<Place, 'address'>): Diagram {
    if (kind !== 'loadBalancerIP' || port.sourceRanges.length === 0) return NEVER;
    const { diagrams, sources } = this.#work;
    const itself = sources.diagram(diagrams, { first: address, last: address });
    const ranges = sources.anyOf(diagrams, port.sourceRanges.map(cidrRange));
    const nodeMay = this.#nodeMay(port);
    const own = diagrams.range(ORIGIN, 0, 0);
    // The node asks a load balancer IP from that address, which is its own.
    const arriving = diagrams.minus(diagrams.not(nodeMay ? diagrams.or(ranges, itself) : ranges), own);
    if (nodeMay || endpointsOf({ kind, port }).length === 0) return arriving;
    return diagrams.or(arriving, diagrams.and(own, itself));
  }

  /** Packets that must be masqueraded, and further ones that may: loopback is left alone by all rules. */
  #masquerade({ kind, port }: Frontend, place: Place): readonly [Diagram, Diagram] {
    const { diagrams } = this.#work;
    const may = diagrams.any([
      this.#fromLoopback(),
      this.#isMaskedPort(place) ? ALWAYS : NEVER,
      this.#fromService(place),
    ]);
    const wanted = kind === 'clusterIP' ? this.#internal(place) : port.externalPolicyLocal ? NEVER : ALWAYS;
    return [diagrams.minus(wanted, this.#fromLoopback()), may];
  }

  #internal(place: Place): Diagram {
    const { masqueradeAll, localDetector } = this.#meaning.settings;
    const { diagrams, sources, interfaces } = this.#work;
    if (masqueradeAll) return ALWAYS;
    switch (localDetector.kind) {
      case 'source':
        return diagrams.not(sources.diagram(diagrams, cidrRange(localDetector.cidr)));
      case 'interface':
        return diagrams.not(interfaces.diagram(diagrams, ORIGIN, localDetector.name, 1));
      case 'none':
        return sources.diagram(diagrams, { first: place.address, last: place.address });
    }
  }

  /** Whether a nodePort that is masqueraded has the number. */
  #isMaskedPort({ portKey }: Place): boolean {
    return this.#nodePorts.get(portKey)?.externalPolicyLocal === false;
  }

  /** Where nothing tells Pods, what comes from a cluster IP is masqueraded, wherever it goes with a port of that Service. */
  #fromService({ portKey }: Place): Diagram {
    const { masqueradeAll, localDetector } = this.#meaning.settings;
    if (masqueradeAll || localDetector.kind !== 'none') return NEVER;
    const { diagrams, sources } = this.#work;
    return sources.anyOf(diagrams, (this.#clusterIps.get(portKey) ?? []).map(single));
  }

  #fromLoopback(): Diagram {
    const { diagrams, sources } = this.#work;
    return sources.anyOf(diagrams, [
      this.#meaning.settings.family === 'ipv4' ? { first: 0x7f000000n, last: 0x7fffffffn } : { first: 1n, last: 1n },
    ]);
  }
}

/** Those that the virtual server of a frontend must have; without one on the node a policy Local falls back to all. */
export function endpointsOf({ kind, port }: Frontend): readonly Endpoint[] {
  const isLocal = kind === 'clusterIP' ? port.internalPolicyLocal : port.externalPolicyLocal;
  return isLocal && port.localEndpoints.length > 0 ? port.localEndpoints : port.clusterEndpoints;
}
