import type { Ip } from '../../core/model/ip.ts';
import { IPVS_LINK } from '../../core/ruleset/compiled-rules.ts';
import type { NetlinkSocket } from '../netlink/request.ts';
import { listAddresses } from '../netlink/route/addresses.ts';
import { findLink } from '../netlink/route/links.ts';

/** The addresses of kube-ipvs0 but for link-local ones; undefined if there is no such link. */
export function serviceAddresses(route: NetlinkSocket): readonly Ip[] | undefined {
  const link = findLink(route, IPVS_LINK);
  if (link === undefined) return undefined;
  return listAddresses(route, link).flatMap(({ ip }) => (isLinkLocal(ip) ? [] : [ip]));
}

/** The kernel gives every link that is up one of these, which is no Service's. */
function isLinkLocal({ family, text }: Ip): boolean {
  return family === 'ipv6' && text.startsWith('fe80:');
}
