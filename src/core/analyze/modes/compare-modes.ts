import { ipToNumber, isLoopback, parseIp, type Ip } from '../../model/ip.ts';
import type { IpvsConfig } from '../../model/proxy-config.ts';
import type { ProxySettings } from '../../services/proxy-settings.ts';
import type { ServicePortEntry } from '../../services/service-port.ts';
import type { ServiceTable } from '../../services/service-table.ts';
import { addressNumber } from '../verify/address-number.ts';
import type { Diagrams } from '../verify/diagram.ts';
import { ExampleFinder, type ExamplePacket } from '../verify/example.ts';
import {
  boundAddresses,
  IpvsSpecification,
  ipvsSpecificationCuts,
  type IpvsMeaning,
} from '../verify/ipvs/ipvs-specification.ts';
import { DESTINATION_TYPE, ORIGIN, SOURCE, SOURCE_TYPE } from '../verify/levels.ts';
import { Matcher } from '../verify/matcher.ts';
import { ALWAYS, NEVER, type Diagram } from '../verify/node-table.ts';
import { LOCAL, placeKeys, UNICAST, type Place } from '../verify/place.ts';
import type { Requirements } from '../verify/requirements.ts';
import { exampleSources, loopback, makeSetting, possiblePackets } from '../verify/setting.ts';
import {
  PROTOCOL_NUMBERS,
  single,
  Specification,
  specificationCuts,
  type Frontend,
  type FrontendKind,
} from '../verify/specification.ts';
import type { ModeDifference, ModeFate, ModeTopic } from './mode-difference.ts';

export interface ComparedMeaning {
  readonly table: ServiceTable;
  readonly settings: ProxySettings;
  readonly localAddresses: readonly Ip[];
  readonly config: IpvsConfig;
}

const MOST_NODES = 6_000_000;
/** Looks like an ordinary port; the next one that no Service has is taken. */
const SOME_PORT = 8443;
/** An address that the node may have and that nobody has told (RFC 5737, RFC 3849). */
const UNTOLD = { ipv4: '203.0.113.80', ipv6: '2001:db8:ffff::80' } as const;

/**
 * Where the two modes treat the first packets of connections differently, and INVALID ones: the requirements that rules of either mode are
 * proved against (`verify`) are compared with one another, for all packets that arrive and for those of the node itself. An endpoint that
 * reaches itself is left out.
 */
export function compareModes(meaning: ComparedMeaning): readonly ModeDifference[] {
  return new ModeComparison(meaning).run();
}

/** Some packets, and what happens to all of them. */
interface Region {
  readonly fate: ModeFate;
  readonly packets: Diagram;
}

/** Destinations that are looked at. */
interface Case {
  readonly address: bigint;
  readonly protocol: number;
  readonly port: number;
  /** What the address is to routing in either mode. */
  readonly types: { readonly iptables: number; readonly ipvs: number };
  readonly frontend: Frontend;
  readonly role: 'frontend' | 'other-port' | 'localhost' | 'untold';
}

class ModeComparison {
  readonly #meaning: ComparedMeaning;
  readonly #setting: ReturnType<typeof makeSetting>;
  readonly #iptables: Requirements;
  readonly #ipvs: Requirements;
  readonly #finder: ExampleFinder;
  readonly #found: ModeDifference[] = [];
  #ids = 0;

  constructor(meaning: ComparedMeaning) {
    const { table, settings, localAddresses } = meaning;
    const { family } = settings;
    this.#meaning = meaning;
    const ofIpvs: IpvsMeaning = { ...meaning, settings: { ...settings, localhostNodePorts: false } };
    const [one, other] = [specificationCuts(table, settings), ipvsSpecificationCuts(ofIpvs)];
    const cuts = {
      points: [...one.points, ...other.points],
      ports: [...one.ports, ...other.ports],
      sources: [...one.sources, ...other.sources],
      destinations: [...one.destinations, ...other.destinations],
      interfaces: [...one.interfaces, ...other.interfaces],
    };
    this.#setting = makeSetting({ family, rules: [], localAddresses, cuts, mostNodes: MOST_NODES });
    const { work } = this.#setting;
    const matcher = new Matcher(work, family, addressNumber(settings.nodeIp));
    this.#iptables = new Specification(table, settings, work, matcher);
    this.#ipvs = new IpvsSpecification(ofIpvs, work, matcher);
    this.#finder = new ExampleFinder(work, {
      family,
      nodeIp: settings.nodeIp,
      sources: exampleSources(settings, family),
    });
  }

  run(): readonly ModeDifference[] {
    for (const one of this.#cases()) this.#compare(one);
    if (!this.#meaning.settings.tcpBeLiberal) {
      const [iptables, ipvs] = [{ kind: 'drop' }, { kind: 'untouched' }] as const;
      const nobody = { service: undefined, protocol: undefined, frontend: undefined, packet: undefined };
      this.#found.push({ topic: 'invalid-packets', ...nobody, iptables, ipvs });
    }
    return this.#found;
  }

  *#cases(): Generator<Case> {
    const { table, localAddresses } = this.#meaning;
    const own = new Set(localAddresses.map(({ text }) => text));
    const bound = new Set(boundAddresses(this.#meaning).map(({ text }) => text));
    const seen = new Set<string>();
    for (const port of table.servicePorts) {
      const protocol = PROTOCOL_NUMBERS[port.protocol];
      for (const [kind, ip] of addressesOf(port)) {
        const address = addressNumber(ip);
        const frontend: Frontend = { kind, port };
        const types = { iptables: own.has(ip.text) ? LOCAL : UNICAST, ipvs: LOCAL };
        if (this.#isOwner(frontend, address, protocol))
          yield { address, protocol, port: port.port, types, frontend, role: 'frontend' };
        if (!bound.has(ip.text) || seen.has(ip.text)) continue;
        seen.add(ip.text);
        yield { address, protocol: 6, port: this.#freePort(address), types, frontend, role: 'other-port' };
      }
      if (port.nodePort !== 0) yield* this.#nodePortCases(port, protocol);
    }
  }

  *#nodePortCases(port: ServicePortEntry, protocol: number): Generator<Case> {
    const { settings, localAddresses } = this.#meaning;
    const frontend: Frontend = { kind: 'nodePort', port };
    const types = { iptables: LOCAL, ipvs: LOCAL };
    const at = (ip: Ip, role: Case['role']): Case => {
      return { address: ipToNumber(ip), protocol, port: port.nodePort, types, frontend, role };
    };
    for (const ip of localAddresses) if (!isLoopback(ip)) yield at(ip, 'frontend');
    const localhost = parseIp(settings.family === 'ipv4' ? '127.0.0.1' : '::1');
    const untold = parseIp(UNTOLD[settings.family]);
    if (localhost !== undefined) yield at(localhost, 'localhost');
    if (untold !== undefined) yield at(untold, 'untold');
  }

  /** Two Services may claim one address, and one Service name it twice: it is told of the one that has it. */
  #isOwner({ kind, port }: Frontend, address: bigint, protocol: number): boolean {
    const [owner] = this.#ipvs.frontendsAt(this.#place(address, protocol, port.port, UNICAST));
    return owner?.port === port && owner.kind === kind;
  }

  #freePort(address: bigint): number {
    const { servicePorts } = this.#meaning.table;
    const taken = new Set(servicePorts.flatMap((port) => [port.port, port.nodePort, port.healthCheckNodePort]));
    let port = SOME_PORT;
    while (taken.has(port) || this.#ipvs.frontendsAt(this.#place(address, 6, port, LOCAL)).length > 0) port += 1;
    return port;
  }

  #place(address: bigint, protocol: number, port: number, types: number): Place {
    this.#ids += 1;
    return { id: this.#ids, address, protocol, port, types, ...placeKeys(address, protocol, port) };
  }

  #compare(one: Case): void {
    const { address, protocol, port, types } = one;
    const places = [
      this.#place(address, protocol, port, types.iptables),
      this.#place(address, protocol, port, types.ipvs),
    ] as const;
    const regions = (requirements: Requirements, place: Place): readonly Region[] =>
      regionsOf(requirements, place, this.#setting.work.diagrams, one.role === 'localhost');
    const [iptables, ipvs] = [regions(this.#iptables, places[0]), regions(this.#ipvs, places[1])];
    const arriving = one.role === 'localhost' ? NEVER : this.#arriving();
    this.#differences(one, places[0], iptables, ipvs, [arriving, arriving]);
    this.#differences(one, places[0], iptables, ipvs, this.#own(one));
  }

  /** Packets from elsewhere: not from an address of the node or of a Service, nor from an endpoint. */
  #arriving(): Diagram {
    const { work } = this.#setting;
    const { diagrams, sources } = work;
    const { settings, table, localAddresses } = this.#meaning;
    const services = boundAddresses({ table, localAddresses });
    const endpoints = table.servicePorts.flatMap((port) => [...port.reachableEndpoints, ...port.endpointsOnNode]);
    const known = [...services, ...localAddresses, ...endpoints.map(({ ip }) => ip)].map(single);
    const nobody = sources.anyOf(diagrams, [...known, ...loopback(settings.family)]);
    const strange = diagrams.or(nobody, diagrams.range(SOURCE_TYPE, 1, 1));
    const from = diagrams.minus(diagrams.not(diagrams.range(ORIGIN, 0, 0)), strange);
    return diagrams.and(from, possiblePackets(this.#setting));
  }

  /**
   * What the node itself sends. In ipvs mode the addresses of Services are its own, so that it speaks to each from that very address; in
   * iptables mode it takes its node IP.
   */
  #own({ address, role }: Case): readonly [Diagram, Diagram] {
    const { work } = this.#setting;
    const { diagrams, sources } = work;
    const own = diagrams.range(ORIGIN, 0, 0);
    const isServices = boundAddresses(this.#meaning).some((ip) => addressNumber(ip) === address);
    const from = (source: bigint): Diagram =>
      diagrams.and(
        diagrams.and(own, diagrams.range(SOURCE, sources.indexOf(source), sources.indexOf(source))),
        diagrams.range(SOURCE_TYPE, 1, 1),
      );
    const node = ipToNumber(this.#meaning.settings.nodeIp);
    // Loopback is spoken to from loopback, an address of the node from itself.
    const itself = role === 'localhost' || (!isServices && role === 'frontend');
    const first = itself ? address : node;
    return [from(first), from(isServices || itself ? address : node)];
  }

  #differences(
    one: Case,
    place: Place,
    iptables: readonly Region[],
    ipvs: readonly Region[],
    [left, right]: readonly [Diagram, Diagram],
  ): void {
    const { diagrams } = this.#setting.work;
    const same = left === right;
    for (const a of iptables) {
      const mine = diagrams.and(a.packets, left);
      if (mine === NEVER) continue;
      for (const b of ipvs) {
        const other = diagrams.and(b.packets, right);
        const both = same ? diagrams.and(mine, other) : other === NEVER ? NEVER : mine;
        if (both === NEVER || fateKey(a.fate) === fateKey(b.fate)) continue;
        this.#add(one, place, both, a.fate, b.fate);
      }
    }
  }

  #add(one: Case, place: Place, packets: Diagram, iptables: ModeFate, ipvs: ModeFate): void {
    const packet: ExamplePacket | undefined = this.#finder.find(packets, place, 'NEW', undefined)?.packet;
    if (packet === undefined) return;
    const { port, kind } = one.frontend;
    // Of those that arrive and those of the node itself one is enough.
    const isTold = this.#found
      .slice(-4)
      .some(
        (known) => known.packet?.destination === packet.destination && isSame(known, { port, packet, iptables, ipvs }),
      );
    if (isTold) return;
    const topic = topicOf(one, {
      iptables,
      ipvs,
      isOwn: packet.inInterface === undefined,
      settings: this.#meaning.settings,
    });
    this.#found.push({ topic, service: port.name, protocol: port.protocol, frontend: kind, packet, iptables, ipvs });
  }
}

function isSame(
  known: ModeDifference,
  {
    port,
    packet,
    iptables,
    ipvs,
  }: { port: ServicePortEntry; packet: ExamplePacket } & Pick<ModeDifference, 'iptables' | 'ipvs'>,
): boolean {
  const isThere =
    known.service === port.name &&
    known.packet?.destinationPort === packet.destinationPort &&
    known.packet?.protocol === packet.protocol;
  return isThere && fateKey(known.iptables) === fateKey(iptables) && fateKey(known.ipvs) === fateKey(ipvs);
}

function addressesOf(port: ServicePortEntry): readonly (readonly [FrontendKind, Ip])[] {
  return [
    ['clusterIP', port.clusterIp],
    ...port.externalIps.map((ip) => ['externalIP', ip] as const),
    ...port.loadBalancerIps.map((ip) => ['loadBalancerIP', ip] as const),
  ];
}

/**
 * All packets to a place, by what must happen to them.
 *
 * @param isLoopbackPlace nodePorts that do not answer there may be refused there, and are
 */
function regionsOf(
  requirements: Requirements,
  place: Place,
  diagrams: Diagrams,
  isLoopbackPlace: boolean,
): readonly Region[] {
  const regions: Region[] = [];
  const add = (fate: ModeFate, packets: Diagram): void => {
    if (packets !== NEVER) regions.push({ fate, packets });
  };
  const { deliveries, rest } = requirements.deliveries(place, ALWAYS);
  for (const { packets, endpoints, masquerade, mayMasquerade } of deliveries) {
    const texts = endpoints.map(({ text }) => text);
    // What may be masqueraded whatever its source is.
    const masked = diagrams.and(packets, mayMasquerade === ALWAYS ? ALWAYS : masquerade);
    add({ kind: 'endpoints', endpoints: texts, masquerade: true }, masked);
    add({ kind: 'endpoints', endpoints: texts, masquerade: false }, diagrams.minus(packets, masked));
  }
  let left = rest;
  for (const { verdict, must, may } of requirements.refusals(place, DESTINATION_TYPE)) {
    const refused = isLoopbackPlace ? diagrams.or(must, may) : must;
    add({ kind: verdict }, diagrams.and(left, refused));
    left = diagrams.minus(left, refused);
  }
  add({ kind: 'untouched' }, left);
  return regions;
}

function fateKey(fate: ModeFate): string {
  return fate.kind === 'endpoints' ? `${[...fate.endpoints].sort().join()} ${fate.masquerade}` : fate.kind;
}

interface TopicFacts {
  readonly iptables: ModeFate;
  readonly ipvs: ModeFate;
  readonly isOwn: boolean;
  readonly settings: ProxySettings;
}

function topicOf({ role, frontend: { kind, port } }: Case, { iptables, ipvs, isOwn, settings }: TopicFacts): ModeTopic {
  if (role === 'localhost') return 'localhost-node-ports';
  if (role === 'untold') return 'node-port-addresses';
  if (role === 'other-port') return kind === 'clusterIP' ? 'other-ports-of-cluster-ip' : 'other-ports-of-external-ip';
  const isLocal = kind === 'clusterIP' ? port.internalPolicyLocal : port.externalPolicyLocal;
  if (!port.hasEndpoints) return ipvs.kind === 'drop' ? 'source-ranges' : 'no-endpoints';
  if (isLocal && port.localEndpoints.length === 0 && iptables.kind !== 'endpoints') return 'no-local-endpoints';
  if (isLocal && kind !== 'clusterIP') return 'local-policy-inside';
  if (isOwn && settings.localDetector.kind === 'none') return 'masquerade-of-node';
  return 'port-of-node-port';
}
