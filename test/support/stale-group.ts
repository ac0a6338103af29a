import type { StaleGroup } from '../../src/core/analyze/conntrack/find-stale.ts';
import type { TrackedConnection } from '../../src/core/analyze/conntrack/tracked-connection.ts';

/** Connections to the DNS Service whose endpoint has gone. */
export function staleGroup<C extends TrackedConnection>(connections: readonly C[]): StaleGroup<C> {
  return {
    service: 'kube-system/kube-dns:dns',
    family: 'ipv4',
    protocol: 'UDP',
    what: 'cluster IP',
    address: '10.96.0.10',
    port: 53,
    sentTo: { address: '10.244.0.3', port: 53 },
    reason: 'endpoint-gone',
    connections,
  };
}
