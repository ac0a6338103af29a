import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import { isSpecialIp, parseIp } from '../../model/ip.ts';
import type { EndpointSlice, Service } from '../../model/kubernetes.ts';
import { subjectOf } from '../../model/snapshot.ts';
import { isHeadless } from './service-cluster.ts';

interface FieldRule {
  readonly field: string;
  /** True if the API server refuses the field (or, for status, clears it) in this Service. */
  readonly refuses: (service: Service) => boolean;
  readonly allowed: string;
}

function isSet(port: number | undefined): boolean {
  return port !== undefined && port !== 0;
}

function isExposed({ type, externalIPs }: Service): boolean {
  return type === 'NodePort' || type === 'LoadBalancer' || externalIPs.length > 0;
}

/** Which fields go with which type (ValidateService in pkg/apis/core/validation). */
const RULES: readonly FieldRule[] = [
  {
    field: 'spec.ports[].nodePort',
    refuses: (s) => s.type !== 'NodePort' && s.type !== 'LoadBalancer' && s.ports.some((p) => isSet(p.nodePort)),
    allowed: 'is only for the types NodePort and LoadBalancer',
  },
  {
    field: 'spec.externalTrafficPolicy',
    refuses: (s) => s.externalTrafficPolicy !== undefined && !isExposed(s),
    allowed: 'is only for Services that can be reached from outside',
  },
  {
    field: 'spec.healthCheckNodePort',
    refuses: (s) => isSet(s.healthCheckNodePort) && !(s.type === 'LoadBalancer' && s.externalTrafficPolicy === 'Local'),
    allowed: 'is only for type LoadBalancer with externalTrafficPolicy Local',
  },
  {
    field: 'spec.loadBalancerSourceRanges',
    refuses: (s) => s.type !== 'LoadBalancer' && s.loadBalancerSourceRanges.length > 0,
    allowed: 'is only for type LoadBalancer',
  },
  {
    field: 'spec.allocateLoadBalancerNodePorts',
    refuses: (s) => s.type !== 'LoadBalancer' && s.allocateLoadBalancerNodePorts !== undefined,
    allowed: 'is only for type LoadBalancer',
  },
  {
    field: 'spec.sessionAffinityConfig',
    refuses: (s) => s.sessionAffinity !== 'ClientIP' && s.sessionAffinityTimeoutSeconds !== undefined,
    allowed: 'is only for sessionAffinity ClientIP',
  },
  {
    field: 'status.loadBalancer',
    refuses: (s) => s.type !== 'LoadBalancer' && s.loadBalancerIngress.length > 0,
    allowed: 'is only for type LoadBalancer (the API server clears it)',
  },
  {
    field: 'spec.clusterIP',
    refuses: (s) => isHeadless(s) && (s.type === 'NodePort' || s.type === 'LoadBalancer'),
    allowed: 'may not be None for the types NodePort and LoadBalancer',
  },
];

/** Fields that do not go with the Service's type, and addresses that nothing can be sent to. Compiled all the same. */
export function validateFields(service: Service): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const { field, allowed, refuses } of RULES) {
    if (!refuses(service)) continue;
    found.push(diagnose('field-not-allowed', { message: `${field} ${allowed}`, subject: subjectOf(service) }));
  }
  for (const text of service.externalIPs) {
    if (!isSpecialText(text)) continue;
    const message = `externalIPs has ${text}, which is no address of a host`;
    found.push(diagnose('special-address', { message, subject: subjectOf(service) }));
  }
  return found;
}

/** Endpoints at addresses that the API server refuses (ValidateNonSpecialIP). kube-proxy would send connections there. */
export function validateSliceAddresses(slice: EndpointSlice): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const [i, { addresses }] of slice.endpoints.entries()) {
    const [text] = addresses;
    if (text === undefined || !isSpecialText(text)) continue;
    const message = `endpoints[${i}] has ${text}, which is no address of a host`;
    found.push(diagnose('special-address', { message, subject: subjectOf(slice) }));
  }
  return found;
}

// What every special address begins with; the rest is looked at only then.
const MAYBE_SPECIAL = /^(0|127\.|169\.254\.|22|23|::|fe[89ab]|ff)/i;

function isSpecialText(text: string): boolean {
  if (!MAYBE_SPECIAL.test(text)) return false;
  const ip = parseIp(text);
  return ip !== undefined && isSpecialIp(ip);
}
