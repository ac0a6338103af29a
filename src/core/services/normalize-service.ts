import { diagnose, type Diagnostic } from '../diag/diagnostic.ts';
import { parseCidr, parseIp, type Cidr, type Ip, type IpFamily } from '../model/ip.ts';
import type { Service, ServicePortSpec } from '../model/kubernetes.ts';
import { subjectOf } from '../model/snapshot.ts';
import { HEADLESS_LABEL, SERVICE_PROXY_NAME_LABEL } from './labels.ts';
import type { ServicePort } from './service-port.ts';

/** kube-proxy's own fallback is a crash; the API server always sets it (SetDefaults_Service). */
const DEFAULT_AFFINITY_SECONDS = 10_800;

export interface NormalizeOptions {
  readonly family: IpFamily;
  /** False: externalIPs have no rules (feature gate AllowServiceExternalIPs, KEP-5707). */
  readonly allowExternalIps: boolean;
}

/**
 * The ports of one Service that this node serves in one family; none for Services that no proxy or another one serves. What is left
 * out on the way has a diagnostic.
 */
export function normalizeService(
  service: Service,
  options: NormalizeOptions,
  diagnostics: Diagnostic[],
): readonly ServicePort[] {
  const { family } = options;
  const skipped = whySkipped(service);
  if (skipped !== undefined) {
    diagnostics.push(skipped);
    return [];
  }
  const clusterIp = clusterIpOf(service, family, diagnostics);
  if (clusterIp === undefined) return [];
  const shared = sharedFields(service, options, clusterIp, diagnostics);
  return withoutNamesakes(service, diagnostics).map((port) => toServicePort(service, port, shared));
}

/**
 * kube-proxy keeps ports by name and protocol, so of two with the same the last is served. The API server lets no such Service pass;
 * with `--no-defaults` nobody has looked yet.
 */
function withoutNamesakes(service: Service, diagnostics: Diagnostic[]): readonly ServicePortSpec[] {
  const keyOf = (port: ServicePortSpec): string => `${port.name ?? ''}/${port.protocol ?? 'TCP'}`;
  const last = new Map(service.ports.map((port) => [keyOf(port), port]));
  if (last.size === service.ports.length) return service.ports;
  return service.ports.filter((port) => {
    if (last.get(keyOf(port)) === port) return true;
    const name = port.name === undefined || port.name === '' ? 'without a name' : `named ${port.name}`;
    const message = `several ${port.protocol ?? 'TCP'} ports are ${name}; kube-proxy serves the last, not ${port.port}`;
    diagnostics.push(diagnose('duplicate-port-name', { message, subject: subjectOf(service) }));
    return false;
  });
}

function whySkipped(service: Service): Diagnostic | undefined {
  const subject = subjectOf(service);
  if (service.metadata.labels.has(SERVICE_PROXY_NAME_LABEL)) {
    const proxy = JSON.stringify(service.metadata.labels.get(SERVICE_PROXY_NAME_LABEL));
    return diagnose('other-proxy', { message: `the label ${SERVICE_PROXY_NAME_LABEL} is ${proxy}; no rules`, subject });
  }
  if (service.type === 'ExternalName') {
    return diagnose('external-name-service', { message: 'type ExternalName; no rules', subject });
  }
  if (service.clusterIP === 'None') {
    return diagnose('headless-service', { message: 'clusterIP is None; no rules', subject });
  }
  if (service.metadata.labels.has(HEADLESS_LABEL)) {
    return diagnose('headless-service', { message: `the label ${HEADLESS_LABEL} is set; no rules`, subject });
  }
  // kube-proxy looks at clusterIP alone; the API server keeps clusterIPs in step.
  if ((service.clusterIP ?? '') === '') {
    return diagnose('service-without-cluster-ip', { message: 'it has no clusterIP; no rules', subject });
  }
  return undefined;
}

/** The address at the family's place in ipFamilies; without ipFamilies (objects older than 1.20) clusterIP, if it is of the family. */
function clusterIpOf(service: Service, family: IpFamily, diagnostics: Diagnostic[]): Ip | undefined {
  const { ipFamilies, clusterIP, clusterIPs } = service;
  const index = ipFamilies.indexOf(family === 'ipv4' ? 'IPv4' : 'IPv6');
  const text = ipFamilies.length === 0 ? clusterIP : index === -1 ? undefined : clusterIPs[index];
  if (text === undefined || text === '') return undefined;
  const ip = parseIp(text);
  if (ip?.family === family) return ip;
  if (ip === undefined) {
    const message = `clusterIP is ${JSON.stringify(text)}, which is no IP address; no rules`;
    diagnostics.push(diagnose('invalid-field', { message, subject: subjectOf(service) }));
  } else if (ipFamilies.length > 0) {
    const message = `clusterIPs[${index}] is ${ip.text}, but ipFamilies[${index}] is ${ipFamilies[index] ?? ''}; no rules in that family`;
    diagnostics.push(diagnose('family-mismatch', { message, subject: subjectOf(service) }));
  }
  return undefined;
}

type SharedFields = Pick<
  ServicePort,
  | 'clusterIp'
  | 'externalIps'
  | 'loadBalancerIps'
  | 'sourceRanges'
  | 'externalPolicyLocal'
  | 'internalPolicyLocal'
  | 'affinitySeconds'
  | 'healthCheckNodePort'
>;

function sharedFields(
  service: Service,
  options: NormalizeOptions,
  clusterIp: Ip,
  diagnostics: Diagnostic[],
): SharedFields {
  const { family } = options;
  const externalPolicyLocal = service.externalTrafficPolicy === 'Local' && mayBeExternal(service);
  const loadBalancerIps = loadBalancerAddresses(service, family, diagnostics);
  return {
    clusterIp,
    externalIps: externalAddresses(service, options, diagnostics),
    loadBalancerIps,
    sourceRanges: sourceRangesOf(service, family, loadBalancerIps.length > 0, diagnostics),
    externalPolicyLocal,
    internalPolicyLocal: service.internalTrafficPolicy === 'Local',
    affinitySeconds:
      service.sessionAffinity === 'ClientIP'
        ? (service.sessionAffinityTimeoutSeconds ?? DEFAULT_AFFINITY_SECONDS)
        : undefined,
    healthCheckNodePort: externalPolicyLocal ? healthCheckNodePortOf(service, diagnostics) : 0,
  };
}

/** Whether externalTrafficPolicy means anything for this type. */
function mayBeExternal(service: Service): boolean {
  const { type, externalIPs } = service;
  return type === 'NodePort' || type === 'LoadBalancer' || (type === 'ClusterIP' && externalIPs.length > 0);
}

function addressesOf(texts: readonly string[], family: IpFamily, onInvalid: (text: string) => void): readonly Ip[] {
  return texts.flatMap((text) => {
    const ip = parseIp(text);
    if (ip === undefined) onInvalid(text);
    return ip?.family === family ? [ip] : [];
  });
}

function externalAddresses(service: Service, options: NormalizeOptions, diagnostics: Diagnostic[]): readonly Ip[] {
  if (!options.allowExternalIps && service.externalIPs.length > 0) {
    const message = 'the feature gate AllowServiceExternalIPs is off, so externalIPs have no rules';
    diagnostics.push(diagnose('external-ips-off', { message, subject: subjectOf(service) }));
    return [];
  }
  return addressesOf(service.externalIPs, options.family, (text) =>
    diagnostics.push(invalidAddress(service, 'externalIPs', text, 'it is skipped')),
  );
}

function loadBalancerAddresses(service: Service, family: IpFamily, diagnostics: Diagnostic[]): readonly Ip[] {
  const subject = subjectOf(service);
  const texts = service.loadBalancerIngress.flatMap(({ ip, hostname, ipMode }) => {
    if (ip === undefined || ip === '') {
      const known =
        (hostname ?? '') === '' ? 'has neither ip nor hostname' : `is known as ${JSON.stringify(hostname)} only`;
      const message = `the load balancer ${known}; no rules for it`;
      diagnostics.push(diagnose('load-balancer-hostname', { message, subject }));
      return [];
    }
    if (ipMode !== undefined && ipMode !== 'VIP') {
      const message = `the load balancer IP ${JSON.stringify(ip)} has ipMode ${JSON.stringify(ipMode)}; no rules for it`;
      diagnostics.push(diagnose('load-balancer-proxy-mode', { message, subject }));
      return [];
    }
    return [ip];
  });
  return addressesOf(texts, family, (text) =>
    diagnostics.push(invalidAddress(service, 'status.loadBalancer.ingress', text, 'it is skipped')),
  );
}

/** Ranges of the family; any range of everybody (/0) makes all of them pointless, so there are none. */
function sourceRangesOf(
  service: Service,
  family: IpFamily,
  matter: boolean,
  diagnostics: Diagnostic[],
): readonly Cidr[] {
  const all = service.loadBalancerSourceRanges.flatMap((text) => {
    const cidr = parseCidr(text.trim());
    if (cidr === undefined) {
      diagnostics.push(invalidAddress(service, 'loadBalancerSourceRanges', text, 'it is skipped'));
    }
    return cidr === undefined ? [] : [cidr];
  });
  const ofFamily = all.filter((cidr) => cidr.family === family);
  if (matter && ofFamily.length === 0 && all.length > 0) {
    const name = family === 'ipv4' ? 'IPv4' : 'IPv6';
    const message = `loadBalancerSourceRanges has no ${name} range, so its ${name} load balancer address is open to everybody`;
    diagnostics.push(diagnose('source-ranges-other-family', { message, subject: subjectOf(service) }));
  }
  return ofFamily.some((cidr) => cidr.prefix === 0) ? [] : ofFamily;
}

function healthCheckNodePortOf(service: Service, diagnostics: Diagnostic[]): number {
  if (service.type !== 'LoadBalancer') return 0;
  const port = service.healthCheckNodePort ?? 0;
  if (port === 0) {
    const message = 'externalTrafficPolicy is Local, and healthCheckNodePort is not set';
    diagnostics.push(diagnose('health-check-node-port-missing', { message, subject: subjectOf(service) }));
  }
  return port;
}

function toServicePort(service: Service, port: ServicePortSpec, shared: SharedFields): ServicePort {
  const { namespace, name: serviceName } = service.metadata;
  const portName = port.name ?? '';
  return {
    namespace,
    serviceName,
    portName,
    name: portName === '' ? `${namespace}/${serviceName}` : `${namespace}/${serviceName}:${portName}`,
    protocol: port.protocol ?? 'TCP',
    port: port.port,
    nodePort: port.nodePort ?? 0,
    ...shared,
  };
}

function invalidAddress(service: Service, field: string, text: string, outcome: string): Diagnostic {
  const message = `${field} has ${JSON.stringify(text)}, which is no IP address${field.endsWith('Ranges') ? ' range' : ''}; ${outcome}`;
  return diagnose('invalid-address', { message, subject: subjectOf(service) });
}
