import { cidrContains, isLoopback, parseCidr, type Cidr, type Ip } from '../../model/ip.ts';
import type { ProxySettings } from '../../services/proxy-settings.ts';
import { sortedBy } from '../../util/order.ts';

const LINK_LOCAL: Cidr | undefined = parseCidr('fe80::/10');

/**
 * The addresses of the node's own interfaces. kube-proxy leaves out loopback, which IPVS cannot be reached through, and the link-local
 * addresses of IPv6, which are no destination without an interface.
 */
export function nodeAddresses(localIps: readonly Ip[]): readonly Ip[] {
  const usable = localIps.filter(
    (ip) => !isLoopback(ip) && !(LINK_LOCAL !== undefined && cidrContains(LINK_LOCAL, ip)),
  );
  return sortedBy(usable, (ip) => ip.text);
}

/** Where nodePorts have virtual servers, by text: on each of the node's `own` addresses (`nodeAddresses`), or on those that nodePortAddresses name. */
export function nodePortIps({ nodePortAddresses }: ProxySettings, own: readonly Ip[]): readonly Ip[] {
  if (nodePortAddresses.kind === 'all-local') return own;
  return nodePortAddresses.ips.filter((ip) => !isLoopback(ip));
}
