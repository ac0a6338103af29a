import { cidrContains, familyBits, type Cidr, type Ip } from '../../model/ip.ts';
import { addressNumber } from './address-number.ts';
import type { Protocol } from '../../model/kubernetes.ts';
import type { Endpoint } from '../../services/endpoint.ts';
import type { ProxySettings } from '../../services/proxy-settings.ts';
import type { ServicePortEntry } from '../../services/service-port.ts';
import type { ServiceTable } from '../../services/service-table.ts';
import { ALWAYS, NEVER, type Diagram } from './node-table.ts';
import { DESTINATION_TYPE, ORIGIN, SOURCE_TYPE } from './levels.ts';
import type { Matcher } from './matcher.ts';
import { LOCAL, OTHER, placeKeys, UNICAST, type Place } from './place.ts';
import type { Point } from './places.ts';
import type { Requirements } from './requirements.ts';
import type { AddressRange } from './source-ranges.ts';
import type { Workspace } from './workspace.ts';

export type FrontendKind = 'clusterIP' | 'externalIP' | 'loadBalancerIP' | 'nodePort';

export interface Frontend {
  readonly kind: FrontendKind;
  readonly port: ServicePortEntry;
}

/** Packets that must go to one of some endpoints, each with the same chance. */
export interface Delivery extends Frontend {
  readonly packets: Diagram;
  readonly endpoints: readonly Endpoint[];
  /** Those that must be masqueraded wherever they go. An endpoint that reaches itself must be in any case. */
  readonly masquerade: Diagram;
  /** Those for which it does not matter. Undefined: none. */
  readonly mayMasquerade?: Diagram;
}

/** Packets with this destination that must not get through, and those that need not. */
export interface Refusal extends Frontend {
  readonly verdict: 'drop' | 'reject';
  readonly must: Diagram;
  readonly may: Diagram;
}

export const PROTOCOL_NUMBERS: { readonly [P in Protocol]: number } = { TCP: 6, UDP: 17, SCTP: 132 };

/** How rules may be told apart by what they must do. */
export interface SpecificationCuts {
  readonly points: readonly Point[];
  readonly ports: readonly { readonly protocol: number; readonly port: number }[];
  readonly sources: readonly AddressRange[];
  /** Addresses that go together. */
  readonly destinations: readonly (readonly AddressRange[])[];
  readonly interfaces: readonly string[];
}

export function single(ip: Ip): AddressRange {
  const address = addressNumber(ip);
  return { first: address, last: address };
}

export function cidrRange({ family, base, prefix }: Cidr): AddressRange {
  return { first: base, last: base + (1n << BigInt(familyBits(family) - prefix)) - 1n };
}

/** An address that Services are known by is none of the node's own: kube-proxy's iptables mode assumes it of clusterIPs. */
const NOT_LOCAL = UNICAST | OTHER;

export function specificationCuts({ servicePorts }: ServiceTable, settings: ProxySettings): SpecificationCuts {
  const points: Point[] = [];
  const ports: { protocol: number; port: number }[] = [];
  const sources: AddressRange[] = [];
  for (const port of servicePorts) {
    const protocol = PROTOCOL_NUMBERS[port.protocol];
    points.push({ address: addressNumber(port.clusterIp), protocol, port: port.port, types: NOT_LOCAL });
    for (const ip of [...port.externalIps, ...port.loadBalancerIps])
      points.push({ address: addressNumber(ip), protocol, port: port.port });
    if (port.nodePort !== 0) ports.push({ protocol, port: port.nodePort });
    if (port.healthCheckNodePort !== 0) ports.push({ protocol: 6, port: port.healthCheckNodePort });
    if (port.sourceRanges.length > 0)
      sources.push(...port.sourceRanges.map(cidrRange), ...port.loadBalancerIps.map(single));
    for (const { ip } of port.reachableEndpoints) sources.push(single(ip));
  }
  const { localDetector, nodePortAddresses } = settings;
  if (localDetector.kind === 'source') sources.push(cidrRange(localDetector.cidr));
  return {
    points,
    ports,
    sources,
    destinations: nodePortAddresses.kind === 'only' ? nodePortAddresses.ips.map((ip) => [single(ip)]) : [],
    interfaces: localDetector.kind === 'interface' ? [localDetector.name] : [],
  };
}

/**
 * What a node must do with the first packet of a connection, as diagrams: made from the meaning of Services (the flow matrix of
 * externalTrafficPolicy, internalTrafficPolicy and masquerading), and from no chain. It answers for one class of destinations at a time.
 */
export class Specification implements Requirements {
  readonly #settings: ProxySettings;
  readonly #work: Workspace;
  readonly #matcher: Matcher;
  readonly #frontends = new Map<string, Frontend[]>();
  readonly #nodePorts = new Map<string, ServicePortEntry>();
  readonly #healthChecks = new Map<number, ServicePortEntry>();
  readonly #nodePortIps: ReadonlySet<bigint>;

  constructor({ servicePorts }: ServiceTable, settings: ProxySettings, work: Workspace, matcher: Matcher) {
    this.#settings = settings;
    this.#work = work;
    this.#matcher = matcher;
    const { nodePortAddresses } = settings;
    this.#nodePortIps = new Set(nodePortAddresses.kind === 'only' ? nodePortAddresses.ips.map(addressNumber) : []);
    for (const port of servicePorts) this.#add(port);
  }

  #add(port: ServicePortEntry): void {
    const protocol = PROTOCOL_NUMBERS[port.protocol];
    const add = (ip: Ip, kind: FrontendKind): void => {
      const { exactKey } = placeKeys(addressNumber(ip), protocol, port.port);
      const same = this.#frontends.get(exactKey);
      if (same === undefined) this.#frontends.set(exactKey, [{ kind, port }]);
      else if (same.every((other) => other.kind !== kind || other.port !== port)) same.push({ kind, port });
    };
    add(port.clusterIp, 'clusterIP');
    for (const ip of port.externalIps) add(ip, 'externalIP');
    for (const ip of port.loadBalancerIps) add(ip, 'loadBalancerIP');
    if (port.nodePort !== 0) this.#nodePorts.set(placeKeys(0n, protocol, port.nodePort).portKey, port);
    if (port.healthCheckNodePort !== 0) this.#healthChecks.set(port.healthCheckNodePort, port);
  }

  /** The service port whose health check is asked for at a place. */
  healthCheckAt({ protocol, port }: Place): ServicePortEntry | undefined {
    return protocol === 6 && port !== undefined ? this.#healthChecks.get(port) : undefined;
  }

  /** The frontends that a place is, nodePorts included; whether or not they have endpoints. */
  frontendsAt(place: Place): readonly Frontend[] {
    const nodePort = this.#nodePorts.get(place.portKey);
    const exact = this.#frontends.get(place.exactKey) ?? [];
    return nodePort === undefined ? exact : [...exact, { kind: 'nodePort', port: nodePort }];
  }

  /** Where packets to a place must go, and those that must go nowhere. */
  deliveries(place: Place, packets: Diagram): { readonly deliveries: readonly Delivery[]; readonly rest: Diagram } {
    const { diagrams } = this.#work;
    const deliveries: Delivery[] = [];
    let rest = packets;
    for (const frontend of this.frontendsAt(place)) {
      const found =
        frontend.kind === 'clusterIP' ? this.#internal(frontend, rest) : this.#external(frontend, place, rest);
      for (const delivery of found) {
        if (delivery.packets === NEVER || delivery.endpoints.length === 0) continue;
        deliveries.push(delivery);
        rest = diagrams.minus(rest, delivery.packets);
      }
    }
    return { deliveries, rest };
  }

  /** What must not get through to a place that packets have when they meet the filters, translated or not. */
  refusals(place: Place, typeLevel: number): readonly Refusal[] {
    return this.frontendsAt(place).flatMap((frontend) => this.#refusalsOf(frontend, place, typeLevel));
  }

  mayMasquerade(): Diagram {
    return NEVER;
  }

  neverBegun(): Diagram {
    return NEVER;
  }

  /** Packets of this node's Pods; undefined where nothing tells them. */
  #pods(): Diagram | undefined {
    const { localDetector } = this.#settings;
    const { diagrams, sources, interfaces } = this.#work;
    switch (localDetector.kind) {
      case 'source':
        return sources.diagram(diagrams, cidrRange(localDetector.cidr));
      case 'interface':
        return interfaces.diagram(diagrams, ORIGIN, localDetector.name, 1);
      case 'none':
        return undefined;
    }
  }

  #internal(frontend: Frontend, packets: Diagram): readonly Delivery[] {
    const { port } = frontend;
    const endpoints = port.internalPolicyLocal ? port.localEndpoints : port.clusterEndpoints;
    const pods = this.#pods();
    const outside = pods === undefined ? NEVER : this.#work.diagrams.not(pods);
    return [{ ...frontend, packets, endpoints, masquerade: this.#settings.masqueradeAll ? ALWAYS : outside }];
  }

  #external(frontend: Frontend, place: Place, packets: Diagram): readonly Delivery[] {
    const { diagrams } = this.#work;
    const { port, kind } = frontend;
    if (!port.hasEndpoints) return [];
    let open = packets;
    if (kind === 'nodePort') open = diagrams.and(open, this.#nodePortPackets(place, DESTINATION_TYPE));
    if (kind === 'loadBalancerIP' && port.sourceRanges.length > 0) open = diagrams.and(open, this.#allowed(port));
    const deliver = (set: Diagram, endpoints: readonly Endpoint[], masquerade: Diagram): Delivery => ({
      ...frontend,
      packets: set,
      endpoints,
      masquerade,
    });
    if (!port.externalPolicyLocal) return [deliver(open, port.clusterEndpoints, ALWAYS)];
    const pods = diagrams.and(open, this.#pods() ?? NEVER);
    const notPods = diagrams.minus(open, pods);
    const own = diagrams.and(notPods, diagrams.range(SOURCE_TYPE, 1, 1));
    return [
      deliver(pods, port.clusterEndpoints, NEVER),
      deliver(own, port.clusterEndpoints, ALWAYS),
      deliver(diagrams.minus(notPods, own), port.localEndpoints, NEVER),
    ];
  }

  /** Clients of a load balancer IP with source ranges. A node in one of them may use the IP from the IP itself, if that is its own. */
  #allowed(port: ServicePortEntry): Diagram {
    const { diagrams, sources } = this.#work;
    const ranges = sources.anyOf(diagrams, port.sourceRanges.map(cidrRange));
    const fromNode = port.sourceRanges.some((range) => cidrContains(range, this.#settings.nodeIp));
    return fromNode ? diagrams.or(ranges, sources.anyOf(diagrams, port.loadBalancerIps.map(single))) : ranges;
  }

  /** Where nodePorts answer. */
  #nodePortPackets(place: Place, typeLevel: number): Diagram {
    if (this.#settings.nodePortAddresses.kind === 'only') return this.#nodePortIps.has(place.address) ? ALWAYS : NEVER;
    if (isLoopbackAddress(place.address, this.#settings) && !this.#settings.localhostNodePorts) return NEVER;
    return this.#matcher.typed(LOCAL, place, typeLevel);
  }

  #refusalsOf(frontend: Frontend, place: Place, typeLevel: number): readonly Refusal[] {
    const { kind, port } = frontend;
    const { diagrams } = this.#work;
    const local = this.#matcher.typed(LOCAL, place, typeLevel);
    const own = diagrams.range(ORIGIN, 0, 0);
    const verdict = port.hasEndpoints ? 'drop' : 'reject';
    const found: Refusal[] = [];
    if (kind === 'clusterIP') {
      const endpoints = port.internalPolicyLocal ? port.localEndpoints : port.clusterEndpoints;
      // In INPUT nothing refuses clusterIPs.
      if (endpoints.length === 0)
        found.push({ ...frontend, verdict, must: diagrams.or(own, diagrams.not(local)), may: NEVER });
      return found;
    }
    const guarded = kind === 'loadBalancerIP' && port.hasEndpoints && port.sourceRanges.length > 0;
    if (guarded) found.push({ ...frontend, verdict: 'drop', must: ALWAYS, may: NEVER });
    const endpoints = port.externalPolicyLocal ? port.localEndpoints : port.clusterEndpoints;
    if (endpoints.length > 0) return found;
    if (kind === 'nodePort') {
      const must = diagrams.and(local, this.#nodePortPackets(place, typeLevel));
      return [...found, { ...frontend, verdict, must, may: local }];
    }
    // kube-proxy refuses external addresses in INPUT and FORWARD; what the node sends out by OUTPUT alone passes.
    return [...found, { ...frontend, verdict, must: diagrams.or(local, diagrams.not(own)), may: ALWAYS }];
  }
}

/** 127.0.0.0/8 or ::1. */
export function isLoopbackAddress(address: bigint, { family }: Pick<ProxySettings, 'family'>): boolean {
  return family === 'ipv4' ? address >> 24n === 127n : address === 1n;
}
