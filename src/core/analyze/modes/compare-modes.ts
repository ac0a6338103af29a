import { ipToNumber } from '../../model/ip.ts';
import type { Endpoint } from '../../services/endpoint.ts';
import type { ServicePortEntry } from '../../services/service-port.ts';
import { addressNumber } from '../verify/address-number.ts';
import { ExampleFinder, type ExamplePacket } from '../verify/example.ts';
import {
  boundAddresses,
  IpvsSpecification,
  ipvsSpecificationCuts,
  type IpvsMeaning,
} from '../verify/ipvs/ipvs-specification.ts';
import { ORIGIN, SOURCE, SOURCE_TYPE } from '../verify/levels.ts';
import { Matcher } from '../verify/matcher.ts';
import { NEVER, type Diagram } from '../verify/node-table.ts';
import { placeKeys, type Place } from '../verify/place.ts';
import { exampleSources, loopback, makeSetting, possiblePackets } from '../verify/setting.ts';
import { single, Specification, specificationCuts } from '../verify/specification.ts';
import { fateKey, fateKeyOfOthers, regionsOf, type Region, type RegionRules } from './fate-regions.ts';
import { invalidPlace } from './invalid-place.ts';
import { modeCases, type Destination, type ModeCase } from './mode-cases.ts';
import type { ModeDifference, ModeFate } from './mode-difference.ts';
import { topicOf } from './mode-topic.ts';

const MOST_NODES = 6_000_000;

/**
 * Where the two modes treat the first packets of connections differently, and INVALID ones: the requirements that rules of either mode are
 * proved against (`verify`) are compared with one another, for all packets that arrive and for those of the node itself.
 */
export function compareModes(meaning: IpvsMeaning): readonly ModeDifference[] {
  return new ModeComparison(meaning).run();
}

class ModeComparison {
  readonly #meaning: IpvsMeaning;
  readonly #setting: ReturnType<typeof makeSetting>;
  readonly #iptables: RegionRules;
  readonly #ipvs: RegionRules;
  readonly #finder: ExampleFinder;
  readonly #found: ModeDifference[] = [];
  /** What was told: of one place each pair of fates once, whoever sends. */
  readonly #told = new Set<string>();
  #ids = 0;

  constructor(meaning: IpvsMeaning) {
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
    this.#iptables = {
      work,
      requirements: new Specification(table, settings, work, matcher),
      hairpins: ({ endpoints }) => endpoints,
      refusedBy: ({ verdict }) => verdict,
    };
    const requirements = new IpvsSpecification(ofIpvs, work, matcher);
    this.#ipvs = {
      work,
      requirements,
      hairpins: ({ endpoints, port }) => endpoints.filter((one) => isOnNode(one, port)),
      // Other ports of an address are refused by KUBE-IPVS-FILTER.
      refusedBy: ({ verdict }, place) =>
        verdict === 'reject' && requirements.frontendsAt(place).length > 0 ? 'refused' : verdict,
    };
    this.#finder = new ExampleFinder(work, {
      family,
      nodeIp: settings.nodeIp,
      sources: exampleSources(settings, family),
    });
  }

  run(): readonly ModeDifference[] {
    const cases = modeCases(this.#meaning, (destination) =>
      this.#ipvs.requirements.frontendsAt(this.#place(destination)),
    );
    for (const one of cases) this.#compare(one);
    if (!this.#meaning.settings.tcpBeLiberal) this.#invalid();
    return this.#found;
  }

  /** kube-proxy's chain FORWARD drops them in iptables mode; in ipvs mode it has no such rule. */
  #invalid(): void {
    const place = this.#place(invalidPlace(this.#meaning));
    const packet = this.#finder.find(this.#arriving(), place, 'INVALID', undefined)?.packet;
    if (packet === undefined) return;
    const [iptables, ipvs] = [{ kind: 'drop' }, { kind: 'untouched' }] as const;
    const nobody = { service: undefined, protocol: undefined, frontend: undefined };
    this.#found.push({ topic: 'invalid-packets', ...nobody, packet, iptables, ipvs });
  }

  #place({ address, protocol, port, types }: Destination): Place {
    this.#ids += 1;
    return { id: this.#ids, address, protocol, port, types, ...placeKeys(address, protocol, port) };
  }

  #compare(one: ModeCase): void {
    const { address, protocol, port, types } = one;
    const places = [
      this.#place({ address, protocol, port, types: types.iptables }),
      this.#place({ address, protocol, port, types: types.ipvs }),
    ] as const;
    const [iptables, ipvs] = [regionsOf(this.#iptables, places[0]), regionsOf(this.#ipvs, places[1])];
    const arriving = one.role === 'localhost' ? NEVER : this.#arriving();
    this.#differences(one, places[0], iptables, ipvs, [arriving, arriving]);
    this.#differences(one, places[0], iptables, ipvs, this.#own(one));
  }

  /** Packets from elsewhere: not from an address of the node or of a Service. */
  #arriving(): Diagram {
    const { work } = this.#setting;
    const { diagrams, sources } = work;
    const { settings, table, localAddresses } = this.#meaning;
    const services = boundAddresses({ table, localAddresses });
    const known = [...services, ...localAddresses].map(single);
    const nobody = sources.anyOf(diagrams, [...known, ...loopback(settings.family)]);
    const strange = diagrams.or(nobody, diagrams.range(SOURCE_TYPE, 1, 1));
    const from = diagrams.minus(diagrams.not(diagrams.range(ORIGIN, 0, 0)), strange);
    return diagrams.and(from, possiblePackets(this.#setting));
  }

  /**
   * What the node itself sends. In ipvs mode the addresses of Services are its own, so that it speaks to each from that very address; in
   * iptables mode it takes its node IP.
   */
  #own({ address, role }: ModeCase): readonly [Diagram, Diagram] {
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
    one: ModeCase,
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

  #add(one: ModeCase, place: Place, packets: Diagram, iptables: ModeFate, ipvs: ModeFate): void {
    const { port, kind } = one.frontend;
    const service = { service: port.name, protocol: port.protocol, frontend: kind };
    const [before, after] = [fateKeyOfOthers(iptables), fateKeyOfOthers(ipvs)];
    // An endpoint that reaches itself: once for each service port.
    const isHairpin = before === after;
    const told = `${port.name} ${port.protocol} ${isHairpin ? '' : `${place.exactKey} ${before} ${after}`}`;
    if (this.#told.has(told)) return;
    const packet: ExamplePacket | undefined = this.#finder.find(packets, place, 'NEW', undefined)?.packet;
    if (packet === undefined) return;
    this.#told.add(told);
    const { settings } = this.#meaning;
    const topic = isHairpin
      ? 'hairpin-of-other-node'
      : topicOf(one, { iptables, ipvs, isOwn: packet.inInterface === undefined, settings });
    this.#found.push({ topic, ...service, packet, iptables, ipvs });
  }
}

/** KUBE-LOOP-BACK names endpoints of the node alone. */
function isOnNode(endpoint: Endpoint, { endpointsOnNode }: ServicePortEntry): boolean {
  return endpointsOnNode.some(({ text }) => text === endpoint.text);
}
