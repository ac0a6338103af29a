import { diagnose, type Diagnostic } from '../diag/diagnostic.ts';
import type { Ip } from '../model/ip.ts';
import type { ServicePort } from './service-port.ts';

/**
 * Gives every address and port to one Service. kube-proxy lets two Services claim the same external IP, load balancer IP or nodePort,
 * and which one wins is chance (kubernetes/kubernetes#69599). Here clusterIPs come first, since no external IP may take over a
 * Service inside the cluster (CVE-2020-8554), then the first Service by namespace and name. `ports` is sorted so.
 */
export function resolveFrontendConflicts(
  ports: readonly ServicePort[],
  diagnostics: Diagnostic[],
): readonly ServicePort[] {
  const claims = new Claims(diagnostics);
  const withClusterIp = ports.filter((port) => claims.claim(port, 'clusterIP', port.clusterIp.text, port.port));
  return withClusterIp.map((port) => {
    const claimIp =
      (what: string) =>
      (ip: Ip): boolean =>
        claims.claim(port, what, ip.text, port.port);
    const externalIps = port.externalIps.filter(claimIp('external IP'));
    const loadBalancerIps = port.loadBalancerIps.filter(claimIp('load balancer IP'));
    const nodePort = port.nodePort !== 0 && claims.claim(port, 'nodePort', '', port.nodePort) ? port.nodePort : 0;
    const unchanged =
      externalIps.length === port.externalIps.length &&
      loadBalancerIps.length === port.loadBalancerIps.length &&
      nodePort === port.nodePort;
    return unchanged ? port : { ...port, externalIps, loadBalancerIps, nodePort };
  });
}

class Claims {
  readonly #owners = new Map<string, ServicePort>();
  readonly #diagnostics: Diagnostic[];

  constructor(diagnostics: Diagnostic[]) {
    this.#diagnostics = diagnostics;
  }

  /** True if the address is free or already this Service's own. */
  claim(port: ServicePort, what: string, address: string, number: number): boolean {
    const key = `${address}|${number}|${port.protocol}`;
    const owner = this.#owners.get(key);
    if (owner === undefined) {
      this.#owners.set(key, port);
      return true;
    }
    if (owner.namespace === port.namespace && owner.serviceName === port.serviceName) return true;
    const { namespace, serviceName: name } = port;
    const frontend = `${what} ${address}${address === '' ? '' : address.includes(':') ? ' port ' : ':'}${number}/${port.protocol}`;
    const message = `${frontend} belongs to ${owner.name} already; it is left out of ${port.name}`;
    this.#diagnostics.push(diagnose('frontend-conflict', { message, subject: { kind: 'Service', namespace, name } }));
    return false;
  }
}
