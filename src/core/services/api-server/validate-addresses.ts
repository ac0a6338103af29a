import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import { cidrContains, ipToNumber, parseIp, type Cidr, type Ip } from '../../model/ip.ts';
import type { Service } from '../../model/kubernetes.ts';
import { objectKey, subjectOf } from '../../model/snapshot.ts';
import { cidrSize } from './address-space.ts';
import { apiFamily, hasClusterIPs, type ServiceCluster } from './service-cluster.ts';

/** Addresses that the API server's allocator would not hand out. They are compiled all the same. */
export function checkAddressRange(service: Service, cluster: ServiceCluster): readonly Diagnostic[] {
  if (!cluster.cidrsGiven || !hasClusterIPs(service)) return [];
  return service.clusterIPs.flatMap((text) => {
    const ip = parseIp(text);
    if (ip === undefined) return [];
    const cidr = cluster.cidrs.get(apiFamily(ip.family));
    if (cidr !== undefined && isUsable(cidr, ip)) return [];
    const range = cidr?.text ?? [...cluster.cidrs.values()].map((c) => c.text).join(', ');
    const message = `clusterIP ${text} is no usable address of ${range}`;
    return [diagnose('cluster-ip-out-of-range', { message, subject: subjectOf(service) })];
  });
}

/** Not the network address, nor the broadcast address of IPv4. */
function isUsable(cidr: Cidr, ip: Ip): boolean {
  if (!cidrContains(cidr, ip)) return false;
  const offset = ipToNumber(ip) - cidr.base;
  return offset !== 0n && !(cidr.family === 'ipv4' && offset === cidrSize(cidr) - 1n);
}

/** An address belongs to the first Service, in the order given, that claims it; later ones lose it and its family. */
export function settleConflicts(services: readonly Service[]): {
  readonly services: readonly Service[];
  readonly diagnostics: readonly Diagnostic[];
} {
  const owners = new Map<string, Service>();
  const diagnostics: Diagnostic[] = [];
  const settled = services.map((service) => {
    if (!hasClusterIPs(service)) return service;
    const lost = service.clusterIPs.flatMap((text, i) => {
      const key = parseIp(text)?.text ?? text;
      const owner = owners.get(key);
      if (owner === undefined) owners.set(key, service);
      if (owner === undefined || owner === service) return [];
      const message = `clusterIP ${key} belongs to Service ${objectKey(owner)}`;
      diagnostics.push(diagnose('cluster-ip-conflict', { message, subject: subjectOf(service) }));
      return [i];
    });
    return lost.length === 0 ? service : withoutFamilies(service, lost);
  });
  return { services: settled, diagnostics };
}

/** The Service without the families at these places; what it never had, kube-proxy makes no rules for. */
function withoutFamilies(service: Service, places: readonly number[]): Service {
  const clusterIPs = service.clusterIPs.filter((_, i) => !places.includes(i));
  const ipFamilies = service.ipFamilies.filter((_, i) => !places.includes(i));
  return { ...service, clusterIPs, ipFamilies, clusterIP: clusterIPs[0] };
}
