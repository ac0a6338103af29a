import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import type { Service, ServicePortSpec } from '../../model/kubernetes.ts';
import type { ApiServerOptions } from '../../model/prepare-options.ts';
import { objectKey, subjectOf } from '../../model/snapshot.ts';
import { nodePortSpace } from './address-space.ts';
import { hasNodePorts } from './service-cluster.ts';
import { allocateSlots } from './slot-allocator.ts';

/**
 * Gives ports of NodePort and LoadBalancer Services the nodePorts they lack, by a hash of namespace/name/port. As in the API server,
 * ports of one number (DNS: 53 TCP and UDP) share one nodePort, and a number that is in use for one protocol is not given out for
 * another.
 */
export function allocateNodePorts(
  services: readonly Service[],
  options: ApiServerOptions,
): { readonly services: readonly Service[]; readonly diagnostics: readonly Diagnostic[] } {
  const { nodePortRange } = options;
  const wanted = services.filter(hasNodePorts).flatMap((s) => [...portKeys(s), ...healthCheckKeys(s)]);
  const taken = new Set<bigint>();
  for (const service of services) {
    for (const port of explicitPorts(service)) taken.add(BigInt(port - nodePortRange.from));
  }
  const slots = allocateSlots(wanted, nodePortSpace(nodePortRange), taken);
  const numbers = new Map([...slots].map(([key, slot]) => [key, nodePortRange.from + Number(slot)]));
  const diagnostics: Diagnostic[] = [];
  const result = services.map((service) => {
    if (!hasNodePorts(service)) return service;
    const filled = fillService(service, numbers);
    diagnostics.push(...report(service, filled, numbers, options));
    return filled;
  });
  return { services: result, diagnostics };
}

function isMissing(nodePort: number | undefined): boolean {
  return nodePort === undefined || nodePort === 0;
}

/** allocateLoadBalancerNodePorts: false leaves out what is missing, and keeps what is given (KEP-1864). */
function allocatesPorts(service: Service): boolean {
  return hasNodePorts(service) && !(service.type === 'LoadBalancer' && service.allocateLoadBalancerNodePorts === false);
}

function needsHealthCheck(service: Service): boolean {
  return hasNodePorts(service) && service.type === 'LoadBalancer' && service.externalTrafficPolicy === 'Local';
}

/** The nodePort that the manifest gives another port of the same number. */
function sharedPort(service: Service, port: ServicePortSpec): number | undefined {
  return service.ports.find((p) => p.port === port.port && !isMissing(p.nodePort))?.nodePort;
}

function portKey(service: Service, port: ServicePortSpec): string {
  return `${objectKey(service)}/${port.port}`;
}

function healthCheckKey(service: Service): string {
  return `${objectKey(service)}/healthCheckNodePort`;
}

function portKeys(service: Service): readonly string[] {
  if (!allocatesPorts(service)) return [];
  const missing = service.ports.filter((p) => isMissing(p.nodePort) && sharedPort(service, p) === undefined);
  return missing.map((p) => portKey(service, p));
}

function healthCheckKeys(service: Service): readonly string[] {
  return needsHealthCheck(service) && isMissing(service.healthCheckNodePort) ? [healthCheckKey(service)] : [];
}

function* explicitPorts({ ports, healthCheckNodePort }: Service): Generator<number> {
  for (const { nodePort } of ports) if (nodePort !== undefined && nodePort !== 0) yield nodePort;
  if (healthCheckNodePort !== undefined && healthCheckNodePort !== 0) yield healthCheckNodePort;
}

function fillService(service: Service, numbers: ReadonlyMap<string, number>): Service {
  const healthCheckNodePort = healthCheckKeys(service).map((key) => numbers.get(key))[0] ?? service.healthCheckNodePort;
  if (!allocatesPorts(service)) {
    return healthCheckNodePort === service.healthCheckNodePort ? service : { ...service, healthCheckNodePort };
  }
  const ports = service.ports.map((p) =>
    isMissing(p.nodePort) ? { ...p, nodePort: sharedPort(service, p) ?? numbers.get(portKey(service, p)) } : p,
  );
  return { ...service, ports, healthCheckNodePort };
}

function report(
  before: Service,
  after: Service,
  numbers: ReadonlyMap<string, number>,
  options: ApiServerOptions,
): readonly Diagnostic[] {
  const subject = subjectOf(before);
  const { from, to } = options.nodePortRange;
  const chosen = after.ports.flatMap((p, i) =>
    isMissing(before.ports[i]?.nodePort) && !isMissing(p.nodePort)
      ? [`${p.nodePort} for port ${p.port}/${p.protocol ?? 'TCP'}`]
      : [],
  );
  if (after.healthCheckNodePort !== before.healthCheckNodePort) {
    chosen.push(`${after.healthCheckNodePort} for health checks`);
  }
  const homeless = [...portKeys(before), ...healthCheckKeys(before)].filter((key) => !numbers.has(key));
  return [
    ...(chosen.length === 0
      ? []
      : [diagnose('node-port-allocated', { message: `chose nodePort ${chosen.join(', ')}`, subject })]),
    ...homeless.map((key) =>
      diagnose('no-free-node-port', {
        message: `no free node port in ${from}-${to} for ${key.endsWith('/healthCheckNodePort') ? 'health checks' : `port ${key.slice(key.lastIndexOf('/') + 1)}`}`,
        subject,
      }),
    ),
  ];
}
