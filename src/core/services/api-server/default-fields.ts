import type { Service, ServicePortSpec } from '../../model/kubernetes.ts';
import { hasSelector } from './service-cluster.ts';

export interface Defaulted {
  readonly service: Service;
  /** `field: value`, in the order of the API's documentation. */
  readonly filled: readonly string[];
}

// v1.DefaultClientIPServiceAffinitySeconds: three hours.
const AFFINITY_SECONDS = 10_800;

/**
 * The static defaults that the API server fills in when a Service is created (pkg/apis/core/v1/defaults.go): those that depend on
 * the Service alone. A field that is present is never changed.
 */
export function defaultFields(given: Service): Defaulted {
  const filled: string[] = [];
  const fill = <T>(value: T | undefined, field: string, fallback: T, when = true): T | undefined => {
    if (value !== undefined || !when) return value;
    filled.push(`${field}: ${String(fallback)}`);
    return fallback;
  };
  const type = fill(given.type, 'type', 'ClusterIP') ?? 'ClusterIP';
  const balanced = type === 'LoadBalancer';
  // externalIPs make a ClusterIP Service reachable from outside too.
  const external = balanced || type === 'NodePort' || (type === 'ClusterIP' && given.externalIPs.length > 0);
  const ports = defaultPorts(given.ports, filled);
  const sessionAffinity = fill(given.sessionAffinity, 'sessionAffinity', 'None');
  const sessionAffinityTimeoutSeconds = fill(
    given.sessionAffinityTimeoutSeconds,
    'sessionAffinityConfig.clientIP.timeoutSeconds',
    AFFINITY_SECONDS,
    sessionAffinity === 'ClientIP',
  );
  const internalTrafficPolicy = fill(
    given.internalTrafficPolicy,
    'internalTrafficPolicy',
    'Cluster',
    type !== 'ExternalName',
  );
  const externalTrafficPolicy = fill(given.externalTrafficPolicy, 'externalTrafficPolicy', 'Cluster', external);
  const allocateLoadBalancerNodePorts = fill(
    given.allocateLoadBalancerNodePorts,
    'allocateLoadBalancerNodePorts',
    true,
    balanced,
  );
  // What a cluster prints is complete, and then nothing is copied.
  if (filled.length === 0) return { service: given, filled };
  const service: Service = {
    ...given,
    type,
    ports,
    sessionAffinity,
    sessionAffinityTimeoutSeconds,
    internalTrafficPolicy,
    externalTrafficPolicy,
    allocateLoadBalancerNodePorts,
  };
  return { service, filled };
}

function defaultPorts(ports: readonly ServicePortSpec[], filled: string[]): readonly ServicePortSpec[] {
  const hasProtocols = ports.every((p) => p.protocol !== undefined);
  const hasTargets = ports.every(hasTarget);
  if (hasProtocols && hasTargets) return ports;
  if (!hasProtocols) filled.push('protocol: TCP');
  if (!hasTargets) filled.push('targetPort: port');
  return ports.map((p) => ({
    ...p,
    protocol: p.protocol ?? 'TCP',
    targetPort: hasTarget(p) ? p.targetPort : p.port,
  }));
}

/** The API takes 0 and "" for a targetPort that is not set. */
function hasTarget(port: ServicePortSpec): boolean {
  return port.targetPort !== undefined && port.targetPort !== 0 && port.targetPort !== '';
}

/** A headless Service without a selector is dual-stack by default, since nobody knows what its endpoints will be. */
export function defaultFamilyPolicy(service: Service, headless: boolean): 'SingleStack' | 'RequireDualStack' {
  return headless && !hasSelector(service) ? 'RequireDualStack' : 'SingleStack';
}
