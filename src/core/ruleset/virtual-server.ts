import { savedIpText, type Ip, type IpFamily } from '../model/ip.ts';

export type IpvsProtocol = 'tcp' | 'udp' | 'sctp';

/** What clients address: one port of an address, or whatever packets carry a firewall mark. */
export type VirtualAddress =
  | {
      readonly kind: 'address';
      readonly protocol: IpvsProtocol;
      readonly ip: Ip;
      /** 0-65535; 0 stands for every port, and needs persistence (`refusesAll`). */
      readonly port: number;
    }
  | {
      readonly kind: 'mark';
      readonly family: IpFamily;
      /** 1 to 2^32-1. */
      readonly mark: number;
    };

/** A client stays with its real server. */
export interface Persistence {
  /** How long after its last connection. */
  readonly seconds: number;
  /** Clients in one network count as one client: 0-32 or 0-128 bits of the address. Undefined: all bits. */
  readonly prefix: number | undefined;
}

/** A virtual service of IPVS (ip_vs_service in linux/ip_vs.h), as `ipvsadm -Sn` prints it. */
export interface VirtualServer {
  readonly address: VirtualAddress;
  /** `rr`, `wlc` ... at most 15 characters. */
  readonly scheduler: string;
  /** Names of the scheduler's flags, sorted: `mh-port`, `sh-fallback`, else `flag-1`. */
  readonly schedulerFlags: readonly string[];
  readonly persistence: Persistence | undefined;
  /** A persistence engine: `sip`. */
  readonly persistenceEngine: string | undefined;
  /** UDP packets are scheduled one by one (`--ops`). */
  readonly onePacket: boolean;
  readonly realServers: readonly RealServer[];
}

/** A destination of a virtual service (ip_vs_dest). */
export interface RealServer {
  readonly ip: Ip;
  /** 0-65535; where packets are not masqueraded it is the port of the service; 0 is that of the packet (`connectionPort`). */
  readonly port: number;
  /** `-m`, `-g`, `-i`. kube-proxy knows masquerading only. */
  readonly forwarding: 'masquerade' | 'route' | 'tunnel';
  /** 0-65535; 0 takes no new connections. */
  readonly weight: number;
  /** `--tun-type` and what follows, as ipvsadm writes it; empty where nothing is tunnelled. */
  readonly tunnel: readonly string[];
}

/** All that IPVS has. */
export interface IpvsTable {
  readonly virtualServers: readonly VirtualServer[];
}

/** `10.0.0.1:80`, `[fd00::1]:80` in the C library's spelling, which is that of ipvsadm. */
export function ipvsEndpointText(ip: Ip, port: number): string {
  return ip.family === 'ipv4' ? `${ip.text}:${port}` : `[${savedIpText(ip)}]:${port}`;
}

/** What no two virtual servers of a node share: `tcp 10.0.0.1:80`, `mark 7 ipv4`. */
export function virtualServerKey({ address }: Pick<VirtualServer, 'address'>): string {
  return address.kind === 'mark'
    ? `mark ${address.mark} ${address.family}`
    : `${address.protocol} ${ipvsEndpointText(address.ip, address.port)}`;
}

/** What no two real servers of a virtual server share. */
export function realServerKey({ ip, port }: Pick<RealServer, 'ip' | 'port'>): string {
  return ipvsEndpointText(ip, port);
}
