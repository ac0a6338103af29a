import { ipFromNumber, type Ip, type IpFamily } from '../../model/ip.ts';
import type { IpSet, IpSetEntry, IpSetPart } from '../../ruleset/ip-set.ts';
import { kubeSetName, type KubeSet } from '../../ruleset/kube-ip-sets.ts';
import { protocolText } from '../../ruleset/protocols.ts';
import { virtualServerKey, type IpvsProtocol } from '../../ruleset/virtual-server.ts';

/** A member of a set that names an address and a port. */
export interface FrontendMember {
  readonly protocol: IpvsProtocol;
  readonly ip: Ip;
  readonly port: number;
  /** As virtual servers have it: `tcp 10.96.0.1:443`. */
  readonly key: string;
  /** The third part: who, or which network. */
  readonly source: IpSetPart | undefined;
}

/** What kube-proxy's sets of one family hold, by what they are for. Members that no kube-proxy writes are left out. */
export class KubeMembers {
  readonly family: IpFamily;
  readonly #sets: ReadonlyMap<string, IpSet>;
  readonly #frontends = new Map<KubeSet, readonly FrontendMember[]>();
  readonly #keys = new Map<KubeSet, ReadonlySet<string>>();

  constructor(sets: ReadonlyMap<string, IpSet>, family: IpFamily) {
    this.#sets = sets;
    this.family = family;
  }

  /** Whether the dump has the set. */
  isThere(set: KubeSet): boolean {
    return this.#sets.has(kubeSetName(set, this.family));
  }

  frontends(set: KubeSet): readonly FrontendMember[] {
    const known = this.#frontends.get(set);
    if (known !== undefined) return known;
    const found = this.#entries(set).flatMap((entry) => memberOf(entry, this.family) ?? []);
    this.#frontends.set(set, found);
    return found;
  }

  /** Whether one of its members names the address and port of a virtual server. */
  hasFrontend(set: KubeSet, key: string): boolean {
    let keys = this.#keys.get(set);
    if (keys === undefined) this.#keys.set(set, (keys = new Set(this.frontends(set).map((member) => member.key))));
    return keys.has(key);
  }

  /** Of a bitmap:port, ascending. */
  ports(set: KubeSet): readonly number[] {
    const ports = this.#entries(set).flatMap(({ parts: [part] }) => {
      if (part?.kind !== 'port') return [];
      const { first, last } = part.ports;
      return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
    });
    return [...new Set(ports)].sort((a, b) => a - b);
  }

  /** Of a hash:ip. */
  addresses(set: KubeSet): readonly Ip[] {
    return this.#entries(set).flatMap(({ parts: [part] }) => hostOf(part, this.family) ?? []);
  }

  #entries(set: KubeSet): readonly IpSetEntry[] {
    return this.#sets.get(kubeSetName(set, this.family))?.entries ?? [];
  }
}

function memberOf(
  { parts: [address, port, source], nomatch }: IpSetEntry,
  family: IpFamily,
): FrontendMember | undefined {
  const ip = hostOf(address, family);
  if (nomatch || ip === undefined || port?.kind !== 'port' || port.protocol === undefined) return undefined;
  const protocol = protocolText(port.protocol);
  if ((protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') || port.ports.first !== port.ports.last)
    return undefined;
  const number = port.ports.first;
  const key = virtualServerKey({ address: { kind: 'address', protocol, ip, port: number } });
  return { protocol, ip, port: number, key, source };
}

function hostOf(part: IpSetPart | undefined, family: IpFamily): Ip | undefined {
  if (part?.kind !== 'network' || part.network.family !== family) return undefined;
  if (part.network.prefix !== (family === 'ipv4' ? 32 : 128)) return undefined;
  return ipFromNumber(family, part.network.base);
}
