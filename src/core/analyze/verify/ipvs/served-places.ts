import { cidrContains, ipToNumber, type Cidr, type IpFamily } from '../../../model/ip.ts';
import { connectionEndpoint, connectionPort, refusesAll } from '../../../ruleset/connection-port.ts';
import { protocolNumber } from '../../../ruleset/protocols.ts';
import {
  virtualServerKey,
  type IpvsTable,
  type RealServer,
  type VirtualServer,
} from '../../../ruleset/virtual-server.ts';
import type { Translation } from '../packet-state.ts';
import { placeKeys, type Place } from '../place.ts';
import type { AddressRange } from '../source-ranges.ts';
import type { Point } from '../places.ts';
import { addressNumber } from '../address-number.ts';
import type { Tracking } from '../view.ts';

/** A virtual server, as the way of a packet meets it. */
export interface Served {
  readonly server: VirtualServer;
  /** `tcp 10.96.0.1:443` */
  readonly key: string;
  readonly address: bigint;
  readonly protocol: number;
  /** Of the connection: where the virtual server is for all ports, that of the packet. */
  readonly port: number;
  /** Somebody else's: its address is in ipvs.excludeCIDRs. */
  readonly isForeign: boolean;
  /** Where it may send new connections; none: it refuses them. */
  readonly targets: readonly Translation[];
}

/** The virtual servers of one family, by destination. Those that are found by a mark are not among them. */
export class ServedPlaces {
  readonly all: readonly Served[];
  /** What is for all ports is added for each port that is asked for. */
  readonly #byKey: Map<string, Served>;

  constructor({ virtualServers }: IpvsTable, family: IpFamily, excludeCidrs: readonly Cidr[]) {
    this.all = virtualServers.flatMap((server) => served(server, family, excludeCidrs) ?? []);
    this.#byKey = new Map(
      this.all.map((one) => [placeKeys(one.address, one.protocol, one.port).exactKey, one] as const),
    );
  }

  /** One that is for all ports comes last, as in ip_vs_service_find. */
  at({ exactKey, address, protocol, port }: Place): Served | undefined {
    if (port === undefined) return undefined;
    const known = this.#byKey.get(exactKey);
    const whole = known === undefined ? this.#byKey.get(placeKeys(address, protocol, 0).exactKey) : undefined;
    if (whole === undefined) return known;
    const here: Served = { ...whole, port, targets: targetsOf(whole.server, port) };
    this.#byKey.set(exactKey, here);
    return here;
  }

  /** As the way of packets has it: without kube-proxy's rules its virtual servers do not take first packets either. */
  met(place: Place, tracking: Tracking, withoutKube: boolean): Served | undefined {
    const found = this.at(place);
    return withoutKube && tracking === 'NEW' && found?.isForeign === false ? undefined : found;
  }

  /** Where one is for all ports. */
  get wholeAddresses(): readonly (readonly AddressRange[])[] {
    return this.all.filter(({ port }) => port === 0).map(({ address }) => [{ first: address, last: address }]);
  }

  get points(): readonly Point[] {
    return this.all
      .filter(({ port }) => port !== 0)
      .map(({ address, protocol, port }) => ({ address, protocol, port }));
  }
}

function served(server: VirtualServer, family: IpFamily, excludeCidrs: readonly Cidr[]): Served | undefined {
  const { address } = server;
  const protocol = address.kind === 'mark' ? undefined : protocolNumber(address.protocol);
  if (address.kind === 'mark' || address.ip.family !== family || protocol === undefined) return undefined;
  return {
    server,
    key: virtualServerKey(server),
    address: addressNumber(address.ip),
    protocol,
    port: address.port,
    isForeign: excludeCidrs.some((cidr) => cidr.family === family && cidrContains(cidr, address.ip)),
    targets: targetsOf(server, address.port),
  };
}

function targetsOf(server: VirtualServer, port: number): readonly Translation[] {
  if (refusesAll(server)) return [];
  const open = server.realServers.filter(({ weight }) => weight > 0).map((real) => targetOf(server, real, port));
  return [...new Map(open.map((target) => [target.text, target])).values()];
}

/** Without masquerading the packet keeps its destination, and where it ends is not followed. */
function targetOf(server: VirtualServer, real: RealServer, asked: number): Translation {
  const { ip, forwarding } = real;
  const text = connectionEndpoint(server, real, asked);
  if (forwarding !== 'masquerade') return { text: `${text} (${forwarding})`, address: undefined, port: undefined };
  return { text, address: ipToNumber(ip), port: connectionPort(server, real, asked) };
}
