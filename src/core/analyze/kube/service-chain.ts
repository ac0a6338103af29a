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

const ROLES: ReadonlyMap<string, ServiceChainRole> = new Map([
  ['SVC', 'cluster'],
  ['SVL', 'local'],
  ['EXT', 'external'],
  ['XLB', 'old-external'],
  ['FW', 'firewall'],
  ['SEP', 'endpoint'],
]);

/** Undefined for a chain that is of no service port, or whose name is not one of kube-proxy's. */
export function serviceChainOf(name: string): ServiceChain | undefined {
  if (!name.startsWith('KUBE-')) return undefined;
  const end = name.indexOf('-', 5);
  const role = end === -1 ? undefined : ROLES.get(name.slice(5, end));
  return role === undefined ? undefined : { role, suffix: name.slice(end + 1) };
}
