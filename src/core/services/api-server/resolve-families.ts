/**
 * ipFamilyPolicy, ipFamilies and clusterIPs say one thing three times, and the API server fills in the ones left out from the
 * others (KEP-563). Afterwards ipFamilies[i] is the family of clusterIPs[i], and a family beyond the end of clusterIPs waits for
 * an address.
 */
import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import { parseIp } from '../../model/ip.ts';
import type { ApiIpFamily, Service } from '../../model/kubernetes.ts';
import { subjectOf } from '../../model/snapshot.ts';
import { defaultFamilyPolicy, type Defaulted } from './default-fields.ts';
import { apiFamily, isHeadless, type ServiceCluster } from './service-cluster.ts';

export interface Resolved extends Defaulted {
  readonly diagnostics: readonly Diagnostic[];
}

interface Address {
  readonly text: string;
  readonly family: ApiIpFamily;
}

/** Undefined service: an address is no address, and the Service is left out. */
export function resolveFamilies(
  service: Service,
  cluster: ServiceCluster,
): Resolved | { readonly service: undefined; readonly diagnostics: readonly Diagnostic[] } {
  if (service.type === 'ExternalName') return { service, filled: [], diagnostics: [] };
  if (isHeadless(service)) return { ...resolveHeadless(service, cluster), diagnostics: [] };
  if (hasOneAddress(service)) return { service, filled: [], diagnostics: [] };

  const addresses: Address[] = [];
  for (const text of givenAddresses(service)) {
    const ip = parseIp(text);
    if (ip === undefined) {
      const message = `clusterIP ${JSON.stringify(text)} is no IP address; the Service is left out`;
      return { service: undefined, diagnostics: [diagnose('invalid-field', { message, subject: subjectOf(service) })] };
    }
    addresses.push({ text, family: apiFamily(ip.family) });
  }
  const disagreement = disagreementOf(service, addresses);
  const result =
    disagreement === undefined ? completePairs(service, addresses, cluster) : matchPairs(service, addresses);
  const faults = disagreement === undefined ? policyFaults(service, result, cluster) : [disagreement];
  const ipFamilies = result.ipFamilies.filter((f, i) => i < result.clusterIPs.length || cluster.cidrs.has(f));
  return {
    ...filledIn(service, { ...result, ipFamilies }),
    diagnostics: faults.map((message) => diagnose('family-mismatch', { message, subject: subjectOf(service) })),
  };
}

/** Says the same thing three times, as most Services of a cluster do: nothing is left to find out. */
function hasOneAddress({ clusterIP = '', clusterIPs, ipFamilies, ipFamilyPolicy }: Service): boolean {
  if (ipFamilyPolicy !== 'SingleStack' || clusterIPs.length !== 1 || ipFamilies.length !== 1) return false;
  const ip = parseIp(clusterIP);
  return ip !== undefined && clusterIPs[0] === clusterIP && ipFamilies[0] === apiFamily(ip.family);
}

function givenAddresses(service: Service): readonly string[] {
  const all = service.clusterIPs.length > 0 ? service.clusterIPs : [service.clusterIP ?? ''];
  return all.filter((text) => text !== '');
}

/** What makes it impossible to tell which address is meant for which family. */
function disagreementOf(service: Service, addresses: readonly Address[]): string | undefined {
  const { ipFamilies, clusterIP, clusterIPs } = service;
  const list = (items: readonly string[]): string => `[${items.join(', ')}]`;
  const texts = (): string => list(addresses.map((a) => a.text));
  if (ipFamilies.length > 2 || hasTwins(ipFamilies)) {
    return `ipFamilies ${list(ipFamilies)} must name each family once`;
  }
  if (hasTwins(addresses.map((a) => a.family))) {
    return `clusterIPs ${texts()} must hold one address per family`;
  }
  if (addresses.some((a, i) => (ipFamilies[i] ?? a.family) !== a.family)) {
    return `clusterIPs ${texts()} are not of the families ${list(ipFamilies)}, in this order`;
  }
  const first = addresses[0];
  if (first !== undefined && clusterIP !== undefined && clusterIP !== '' && clusterIPs.length > 0) {
    if (clusterIP !== first.text && parseIp(clusterIP)?.text !== parseIp(first.text)?.text) {
      return `clusterIP ${clusterIP} is not the first of clusterIPs ${texts()}`;
    }
  }
  return undefined;
}

function hasTwins(families: readonly ApiIpFamily[]): boolean {
  return families.some((family, i) => families.indexOf(family) !== i);
}

interface Pairs {
  readonly clusterIPs: readonly string[];
  readonly ipFamilies: readonly ApiIpFamily[];
  readonly ipFamilyPolicy: Service['ipFamilyPolicy'];
}

/** Of a Service that the API server would refuse: each family with the first address of its own; nothing is made up. */
function matchPairs(service: Service, addresses: readonly Address[]): Pairs {
  const wanted = new Set(service.ipFamilies.length > 0 ? service.ipFamilies : addresses.map((a) => a.family));
  const matched = addresses.filter((a) => wanted.has(a.family) && addresses.find((b) => b.family === a.family) === a);
  return {
    clusterIPs: matched.map((a) => a.text),
    ipFamilies: matched.map((a) => a.family),
    ipFamilyPolicy: service.ipFamilyPolicy,
  };
}

function completePairs(service: Service, addresses: readonly Address[], cluster: ServiceCluster): Pairs {
  const named = [...service.ipFamilies, ...addresses.slice(service.ipFamilies.length).map((a) => a.family)];
  const families = named.length > 0 ? named : cluster.families.slice(0, 1);
  // Two families and no policy is refused, and must not be read as SingleStack.
  const fallback = families.length < 2 ? defaultFamilyPolicy(service, false) : undefined;
  const policy = service.ipFamilyPolicy ?? fallback;
  const wantsBoth = policy === 'PreferDualStack' || policy === 'RequireDualStack';
  const added = wantsBoth ? cluster.families.filter((f) => !families.includes(f)) : [];
  return {
    clusterIPs: addresses.map((a) => a.text),
    ipFamilies: [...families, ...added],
    ipFamilyPolicy: policy,
  };
}

function policyFaults(service: Service, pairs: Pairs, cluster: ServiceCluster): readonly string[] {
  const faults: string[] = [];
  const policy = service.ipFamilyPolicy;
  const asked = Math.max(service.ipFamilies.length, service.clusterIPs.length);
  if (asked > 1 && policy !== 'PreferDualStack' && policy !== 'RequireDualStack') {
    faults.push('two families need ipFamilyPolicy: PreferDualStack or RequireDualStack');
  }
  const cidrs = (): string => [...cluster.cidrs.values()].map((c) => c.text).join(', ');
  for (const family of pairs.ipFamilies.slice(pairs.clusterIPs.length).filter((f) => !cluster.cidrs.has(f))) {
    faults.push(`ipFamilies asks for ${family}, but the service CIDR is ${cidrs()}`);
  }
  if (policy === 'RequireDualStack' && pairs.ipFamilies.length < 2) {
    faults.push(`ipFamilyPolicy is RequireDualStack, but the service CIDR is ${cidrs()}`);
  }
  return faults;
}

/** Families of a headless Service say which endpoints it has. */
function resolveHeadless(service: Service, cluster: ServiceCluster): Defaulted {
  const policy = service.ipFamilyPolicy ?? defaultFamilyPolicy(service, true);
  const families = service.ipFamilies.length > 0 ? service.ipFamilies : cluster.families.slice(0, 1);
  const both: readonly ApiIpFamily[] = policy === 'SingleStack' ? [] : ['IPv4', 'IPv6'];
  const added = both.filter((f) => !families.includes(f));
  return filledIn(service, { clusterIPs: ['None'], ipFamilies: [...families, ...added], ipFamilyPolicy: policy });
}

function filledIn(service: Service, pairs: Pairs): Defaulted {
  const filled: string[] = [];
  const { clusterIPs, ipFamilies, ipFamilyPolicy } = pairs;
  const clusterIP = clusterIPs[0];
  if (service.ipFamilyPolicy === undefined && ipFamilyPolicy !== undefined) {
    filled.push(`ipFamilyPolicy: ${ipFamilyPolicy}`);
  }
  if (service.ipFamilies.length < ipFamilies.length) filled.push(`ipFamilies: [${ipFamilies.join(', ')}]`);
  if (service.clusterIPs.length === 0 && clusterIP !== undefined) filled.push(`clusterIPs: [${clusterIP}]`);
  if ((service.clusterIP ?? '') === '' && clusterIP !== undefined) filled.push(`clusterIP: ${clusterIP}`);
  const isComplete =
    service.clusterIP === clusterIP &&
    service.ipFamilyPolicy === ipFamilyPolicy &&
    isSame(service.clusterIPs, clusterIPs) &&
    isSame(service.ipFamilies, ipFamilies);
  return { service: isComplete ? service : { ...service, clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy }, filled };
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}
