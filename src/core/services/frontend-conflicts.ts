import { diagnose, type Diagnostic } from '../diag/diagnostic.ts';
import type { Ip } from '../model/ip.ts';
import type { ServicePort } from './service-port.ts';

/**
 * Gives every address and port to one Service. kube-proxy lets two Services claim the same address, and which one wins is chance
 * (kubernetes/kubernetes#69599). Here the harder an address is to claim for an ordinary user, the earlier it is given away, so that
 * no external IP takes over another Service (CVE-2020-8554): clusterIPs, load balancer IPs, external IPs, nodePorts. Among equals the
 * first Service by namespace and name wins. `ports` is sorted so.
 */
export function resolveFrontendConflicts(
  ports: readonly ServicePort[],
  diagnostics: Diagnostic[],
): readonly ServicePort[] {
  const claims = new Claims(diagnostics);
  const claimIp =
    (port: ServicePort, what: string) =>
    (ip: Ip): boolean =>
      claims.claim(port, what, ip.text, port.port);
  const passes: readonly ((port: ServicePort) => ServicePort)[] = [
    (port) => withKept(port, 'loadBalancerIps', port.loadBalancerIps.filter(claimIp(port, 'load balancer IP'))),
    (port) => withKept(port, 'externalIps', port.externalIps.filter(claimIp(port, 'external IP'))),
    (port) =>
      port.nodePort === 0 || claims.claim(port, 'nodePort', '', port.nodePort) ? port : { ...port, nodePort: 0 },
  ];
  let left = ports.filter((port) => claims.claim(port, 'clusterIP', port.clusterIp.text, port.port));
  for (const pass of passes) left = left.map(pass);
  return left;
}

function withKept(port: ServicePort, field: 'loadBalancerIps' | 'externalIps', kept: readonly Ip[]): ServicePort {
  return kept.length === port[field].length ? port : { ...port, [field]: kept };
}

interface Owner {
  readonly port: ServicePort;
  readonly what: string;
}

class Claims {
  readonly #owners = new Map<string, Owner>();
  readonly #diagnostics: Diagnostic[];

  constructor(diagnostics: Diagnostic[]) {
    this.#diagnostics = diagnostics;
  }

  /** True if the address is free or already this Service's own. */
  claim(port: ServicePort, what: string, address: string, number: number): boolean {
    const key = `${address}|${number}|${port.protocol}`;
    const owner = this.#owners.get(key);
    if (owner === undefined) {
      this.#owners.set(key, { port, what });
      return true;
    }
    if (owner.port.namespace === port.namespace && owner.port.serviceName === port.serviceName) return true;
    const { namespace, serviceName: name } = port;
    const frontend = `${what} ${address}${address === '' ? '' : address.includes(':') ? ' port ' : ':'}${number}/${port.protocol}`;
    const as = owner.what === what ? '' : ` as its ${owner.what}`;
    const message = `${frontend} belongs to ${owner.port.name} already${as}; it is left out of ${port.name}`;
    this.#diagnostics.push(diagnose('frontend-conflict', { message, subject: { kind: 'Service', namespace, name } }));
    return false;
  }
}
