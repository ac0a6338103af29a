import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import { cidrContains, ipFromNumber, ipToNumber, parseIp, type Cidr } from '../../model/ip.ts';
import type { ApiIpFamily, Service } from '../../model/kubernetes.ts';
import { objectKey, subjectOf } from '../../model/snapshot.ts';
import { addressSpace, slotAddress } from './address-space.ts';
import { hasClusterIPs, type ServiceCluster } from './service-cluster.ts';
import { allocateSlots } from './slot-allocator.ts';

/** The Service of the API server itself always has the first address of the service CIDR, which is in its certificate. */
const API_SERVICE = 'default/kubernetes';

/** Gives each family that waits for an address one of the service CIDR, by a hash of namespace/name. */
export function allocateClusterIPs(
  services: readonly Service[],
  cluster: ServiceCluster,
): { readonly services: readonly Service[]; readonly diagnostics: readonly Diagnostic[] } {
  const chosen = new Map([...cluster.cidrs].map(([family, cidr]) => [family, chooseAddresses(services, family, cidr)]));
  const diagnostics: Diagnostic[] = [];
  const result = services.map((service) => {
    const missing = missingFamilies(service);
    if (missing.length === 0) return service;
    const found = missing.flatMap((family) => {
      const address = chosen.get(family)?.get(objectKey(service));
      return address === undefined ? [] : [{ family, address }];
    });
    const subject = subjectOf(service);
    for (const family of missing.filter((f) => !found.some((a) => a.family === f))) {
      const message = `no free ${family} address in the service CIDR ${cluster.cidrs.get(family)?.text ?? ''}`;
      diagnostics.push(diagnose('no-free-address', { message, subject }));
    }
    if (found.length > 0) {
      const message = `chose clusterIP ${found.map((a) => a.address).join(' and ')}`;
      diagnostics.push(diagnose('cluster-ip-allocated', { message, subject }));
    }
    const clusterIPs = [...service.clusterIPs, ...found.map((a) => a.address)];
    const ipFamilies = [...service.ipFamilies.slice(0, service.clusterIPs.length), ...found.map((a) => a.family)];
    return { ...service, clusterIP: clusterIPs[0], clusterIPs, ipFamilies };
  });
  return { services: result, diagnostics };
}

function missingFamilies(service: Service): readonly ApiIpFamily[] {
  return hasClusterIPs(service) ? service.ipFamilies.slice(service.clusterIPs.length) : [];
}

function chooseAddresses(services: readonly Service[], family: ApiIpFamily, cidr: Cidr): ReadonlyMap<string, string> {
  const keys = new Set(services.filter((s) => missingFamilies(s).includes(family)).map(objectKey));
  if (keys.size === 0) return new Map();
  const space = addressSpace(cidr);
  const taken = new Set(services.flatMap((service) => takenSlots(service, cidr)));
  const slots = new Map<string, bigint>();
  if (keys.has(API_SERVICE) && space.size > 0n && !taken.has(0n)) {
    slots.set(API_SERVICE, 0n);
    keys.delete(API_SERVICE);
  }
  for (const [key, slot] of allocateSlots(keys, space, taken.add(0n))) slots.set(key, slot);
  return new Map([...slots].map(([key, slot]) => [key, ipFromNumber(cidr.family, slotAddress(cidr, slot)).text]));
}

function takenSlots(service: Service, cidr: Cidr): readonly bigint[] {
  if (!hasClusterIPs(service)) return [];
  return service.clusterIPs.flatMap((text) => {
    const ip = parseIp(text);
    return ip !== undefined && cidrContains(cidr, ip) ? [ipToNumber(ip) - slotAddress(cidr, 0n)] : [];
  });
}
