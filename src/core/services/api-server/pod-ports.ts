import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import type { Pod, Service, ServicePortSpec, SlicePort } from '../../model/kubernetes.ts';
import { objectKey, subjectOf } from '../../model/snapshot.ts';

/**
 * The ports of a Pod that a Service sends traffic to. A targetPort that is a name is looked up among the Pod's own container ports,
 * so one Service may use different numbers on different Pods.
 */
export function podPorts(
  service: Service,
  pod: Pod,
): { readonly ports: readonly SlicePort[]; readonly diagnostics: readonly Diagnostic[] } {
  const ports: SlicePort[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const port of service.ports) {
    const number = targetNumber(port, pod);
    if (number === undefined) {
      const message = `no container port named ${String(port.targetPort)} (${port.protocol ?? 'TCP'}) for port ${port.port} of Service ${objectKey(service)}`;
      diagnostics.push(diagnose('named-port-not-found', { message, subject: subjectOf(pod) }));
    } else {
      ports.push({ name: port.name ?? '', port: number, protocol: port.protocol ?? 'TCP' });
    }
  }
  return { ports, diagnostics };
}

function targetNumber(port: ServicePortSpec, pod: Pod): number | undefined {
  const { targetPort } = port;
  if (typeof targetPort !== 'string') return targetPort ?? port.port;
  const protocol = port.protocol ?? 'TCP';
  const found = pod.containerPorts.find((c) => c.name === targetPort && (c.protocol ?? 'TCP') === protocol);
  return found?.containerPort;
}
