import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import type { Service, ServicePortSpec } from '../../model/kubernetes.ts';
import type { ApiServerOptions } from '../../model/prepare-options.ts';
import { subjectOf } from '../../model/snapshot.ts';
import { isHeadless } from './service-cluster.ts';

export interface ValidatedPorts {
  /** Undefined: the Service cannot be used. */
  readonly service: Service | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** The API's rules for the ports of one Service (ValidateService in pkg/apis/core/validation). Of two that clash the first stays. */
export function validatePorts(service: Service, options: ApiServerOptions): ValidatedPorts {
  if (service.type === 'ExternalName') return { service, diagnostics: [] };
  if (service.ports.length === 0) {
    if (isHeadless(service)) return { service, diagnostics: [] };
    const subject = subjectOf(service);
    return { service: undefined, diagnostics: [diagnose('no-ports', { message: 'has no ports', subject })] };
  }
  const unnamed = dropUnnamed(service);
  const unique = dropDuplicates(service, unnamed.ports);
  return {
    service: unique.ports.length === service.ports.length ? service : { ...service, ports: unique.ports },
    diagnostics: [...unnamed.diagnostics, ...unique.diagnostics, ...outsideRange(service, unique.ports, options)],
  };
}

function outsideRange(
  service: Service,
  ports: readonly ServicePortSpec[],
  { nodePortRange }: ApiServerOptions,
): readonly Diagnostic[] {
  const { from, to } = nodePortRange;
  const outside = [...ports.map((p) => p.nodePort), service.healthCheckNodePort].filter((port) =>
    isOutside(port, nodePortRange),
  );
  return outside.map((nodePort) => {
    const message = `nodePort ${nodePort} is not in ${from}-${to}`;
    return diagnose('node-port-out-of-range', { message, subject: subjectOf(service) });
  });
}

function isOutside(nodePort: number | undefined, range: ApiServerOptions['nodePortRange']): boolean {
  return nodePort !== undefined && nodePort !== 0 && (nodePort < range.from || nodePort > range.to);
}

interface Kept {
  readonly ports: readonly ServicePortSpec[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * kube-proxy keeps ports by name and protocol, so of several unnamed ports of one protocol it serves the last one only. A single
 * unnamed port is fine.
 */
function dropUnnamed(service: Service): Kept {
  if (service.ports.length < 2) return { ports: service.ports, diagnostics: [] };
  const unnamed = service.ports.filter((p) => nameOf(p) === '');
  if (unnamed.length === 0) return { ports: service.ports, diagnostics: [] };
  const lost = unnamed.filter((p, i) => unnamed.some((later, j) => j > i && later.protocol === p.protocol));
  const served = lost.length === 0 ? '' : `; kube-proxy serves only the last per protocol, not ${list(lost)}`;
  const message = `with several ports each needs a name, and ${list(unnamed)} has none${served}`;
  return {
    ports: service.ports.filter((p) => !lost.includes(p)),
    diagnostics: [diagnose('port-name-required', { message, subject: subjectOf(service) })],
  };
}

function dropDuplicates(service: Service, ports: readonly ServicePortSpec[]): Kept {
  if (ports.length < 2) return { ports, diagnostics: [] };
  const kept: ServicePortSpec[] = [];
  const diagnostics: Diagnostic[] = [];
  const subject = subjectOf(service);
  for (const port of ports) {
    const twin = kept.find((k) => k.port === port.port && k.protocol === port.protocol);
    const namesake = nameOf(port) === '' ? undefined : kept.find((k) => nameOf(k) === nameOf(port));
    if (twin !== undefined) {
      const message = `port ${describePort(port)} is listed twice; the second is left out`;
      diagnostics.push(diagnose('duplicate-port', { message, subject }));
    } else if (namesake !== undefined) {
      const message = `the name ${nameOf(port)} is given to ${list([namesake, port])}; the second is left out`;
      diagnostics.push(diagnose('duplicate-port-name', { message, subject }));
    } else {
      kept.push(port);
    }
  }
  return { ports: kept, diagnostics };
}

/**
 * Two ports of one Service may share a nodePort only if their protocols differ. The second of a pair loses it, and is given no
 * other: the manifest did not ask for one. Run this after allocation.
 */
export function dropDuplicateNodePorts(service: Service): {
  readonly service: Service;
  readonly diagnostics: readonly Diagnostic[];
} {
  if (service.ports.every(({ nodePort }) => (nodePort ?? 0) === 0)) return { service, diagnostics: [] };
  const seen = new Map<string, ServicePortSpec>();
  const diagnostics: Diagnostic[] = [];
  const ports = service.ports.map((port): ServicePortSpec => {
    if (port.nodePort === undefined || port.nodePort === 0) return port;
    const key = `${port.nodePort}/${port.protocol ?? 'TCP'}`;
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, port);
      return port;
    }
    const message = `nodePort ${key} is given to ${list([first, port])}; the second has no nodePort`;
    diagnostics.push(diagnose('duplicate-node-port', { message, subject: subjectOf(service) }));
    return { ...port, nodePort: undefined };
  });
  return { service: diagnostics.length === 0 ? service : { ...service, ports }, diagnostics };
}

function nameOf(port: ServicePortSpec): string {
  return port.name ?? '';
}

function describePort(port: ServicePortSpec): string {
  return `${port.port}/${port.protocol ?? 'TCP'}`;
}

function list(ports: readonly ServicePortSpec[]): string {
  return ports.map(describePort).join(', ');
}
