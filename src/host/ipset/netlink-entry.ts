// Members of sets between their two forms: parts, as ipset prints them, and the fields of netlink's attributes.
import { hostCidrText, ipFromNumber, savedIpText, type Ip } from '../../core/model/ip.ts';
import { parseNetwork } from '../../core/ruleset/ip-network.ts';
import type { IpSetEntry, IpSetPart } from '../../core/ruleset/ip-set.ts';
import { given } from '../../core/util/given.ts';
import { HostError } from '../host-error.ts';
import type { IpSetEntry as NetlinkEntry } from '../netlink/ipset/entry.ts';

/** A member of one of kube-proxy's types of set. */
export function netlinkEntry({ parts, nomatch }: IpSetEntry, type: string): NetlinkEntry {
  const [first, second, third] = parts;
  const isBitmap = type.startsWith('bitmap');
  const port = first?.kind === 'port' ? first : second?.kind === 'port' ? second : undefined;
  const address = first?.kind === 'network' ? first.network : undefined;
  const last = third?.kind === 'network' ? third.network : undefined;
  return given({
    ip: address && ipFromNumber(address.family, address.base),
    port: port?.ports.first,
    protocol: isBitmap ? undefined : port?.protocol,
    ip2: last && ipFromNumber(last.family, last.base),
    prefix2: type.endsWith(',net') ? last?.prefix : undefined,
    noMatch: nomatch || undefined,
  });
}

export function entryOfNetlink(entry: NetlinkEntry): IpSetEntry {
  const { ip, prefix, port, protocol, ip2, prefix2, noMatch } = entry;
  const parts: IpSetPart[] = [];
  if (ip !== undefined) parts.push(networkPart(ip, prefix));
  if (port !== undefined) parts.push({ kind: 'port', protocol, ports: { first: port, last: port } });
  if (ip2 !== undefined) parts.push(networkPart(ip2, prefix2));
  const nomatch = noMatch === true;
  return { parts, nomatch, options: nomatch ? ['nomatch'] : [] };
}

function networkPart(ip: Ip, prefix: number | undefined): IpSetPart {
  const text = prefix === undefined ? hostCidrText(ip) : `${savedIpText(ip)}/${prefix}`;
  const network = parseNetwork(text);
  if (network === undefined) throw new HostError(`the kernel lists ${text} in a set, which is no network`);
  return { kind: 'network', network };
}
