/**
 * What a chain of a service port is for, by the beginning of its name:
 *
 * - `cluster` KUBE-SVC-: picks one of the endpoints under the traffic policy Cluster;
 * - `local` KUBE-SVL- (since 1.24): picks one of those on this node;
 * - `external` KUBE-EXT- (since 1.24): what is not for the cluster IP, and which of the two it goes to;
 * - `old-external` KUBE-XLB- (1.4 to 1.23): the same for the policy Local, and picks the endpoints of this node itself;
 * - `firewall` KUBE-FW-: lets source ranges pass to the next chain;
 * - `endpoint` KUBE-SEP-: rewrites the destination to one endpoint.
 */
export type ServiceChainRole = 'cluster' | 'local' | 'external' | 'old-external' | 'firewall' | 'endpoint';

export interface ServiceChain {
  readonly role: ServiceChainRole;
  /** What stands behind the prefix: 16 characters of a hash, that of the service port but for `endpoint`. */
  readonly suffix: string;
}

/** Those that there are most of come first. */
const ROLES: readonly (readonly [string, ServiceChainRole])[] = [
  ['KUBE-SEP-', 'endpoint'],
  ['KUBE-SVC-', 'cluster'],
  ['KUBE-SVL-', 'local'],
  ['KUBE-EXT-', 'external'],
  ['KUBE-XLB-', 'old-external'],
  ['KUBE-FW-', 'firewall'],
];

/** Undefined for a chain that is of no service port, or whose name is not one of kube-proxy's. */
export function serviceChainOf(name: string): ServiceChain | undefined {
  const found = ROLES.find(([prefix]) => name.startsWith(prefix));
  return found === undefined ? undefined : { role: found[1], suffix: name.slice(found[0].length) };
}

/** Its role alone, without making anything: decode asks it of every chain and jump of a dump. */
export function serviceChainRole(name: string): ServiceChainRole | undefined {
  if (!name.startsWith('KUBE-')) return undefined;
  for (const [prefix, role] of ROLES) if (name.startsWith(prefix)) return role;
  return undefined;
}
