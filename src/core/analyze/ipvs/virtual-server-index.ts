import type { Ip, IpFamily } from '../../model/ip.ts';
import { protocolNumber } from '../../ruleset/protocols.ts';
import { virtualServerKey, type IpvsTable, type VirtualServer } from '../../ruleset/virtual-server.ts';

/** Of which packet IPVS is asked. */
export interface ServerQuery {
  /** IANA's number. */
  readonly protocol: number;
  readonly ip: Ip;
  readonly port: number;
  /** Of the packet, not of the connection. */
  readonly mark: number;
}

const PROTOCOLS = ['tcp', 'udp', 'sctp'] as const;

/** The virtual servers of a node, as the kernel looks for them. */
export class VirtualServerIndex {
  /** In the order of the dump. */
  readonly servers: readonly VirtualServer[];
  readonly #byKey: ReadonlyMap<string, VirtualServer>;
  readonly #addresses: ReadonlySet<string>;

  constructor({ virtualServers }: IpvsTable) {
    this.servers = virtualServers;
    this.#byKey = new Map(virtualServers.map((server) => [virtualServerKey(server), server]));
    this.#addresses = new Set(
      virtualServers.flatMap(({ address }) => (address.kind === 'address' ? [address.ip.text] : [])),
    );
  }

  /**
   * ip_vs_service_find (ip_vs_ctl.c): by the packet's mark, else by protocol, address and port, else one that is for all ports. The port of
   * FTP's data connections is a case of its own there, which is left out here.
   */
  find({ protocol, ip, port, mark }: ServerQuery): VirtualServer | undefined {
    const name = PROTOCOLS.find((known) => protocolNumber(known) === protocol);
    if (name === undefined) return undefined;
    const marked = mark === 0 ? undefined : this.#byKey.get(`mark ${mark} ${ip.family}`);
    return marked ?? this.#at(name, ip, port) ?? this.#at(name, ip, 0);
  }

  #at(protocol: (typeof PROTOCOLS)[number], ip: Ip, port: number): VirtualServer | undefined {
    return this.#byKey.get(virtualServerKey({ address: { kind: 'address', protocol, ip, port } }));
  }

  /** Whether a virtual server has the address: kube-proxy gives those of Services to kube-ipvs0, and all others are the node's own. */
  hasAddress(text: string): boolean {
    return this.#addresses.has(text);
  }

  ofFamily(family: IpFamily): readonly VirtualServer[] {
    return this.servers.filter(({ address }) => familyOf(address) === family);
  }
}

export function familyOf(address: VirtualServer['address']): IpFamily {
  return address.kind === 'mark' ? address.family : address.ip.family;
}
