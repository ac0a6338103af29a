import {
  protocols,
  type LoadBalancerIngress,
  type ObjectMeta,
  type Service,
  type ServicePortSpec,
} from '../kubernetes.ts';
import { isDnsLabel } from '../names.ts';
import type { Fields } from './fields.ts';
import { knownFields } from './known-fields.ts';

const SERVICE_TYPES = ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'] as const;
const POLICIES = ['Cluster', 'Local'] as const;

export function decodeService(object: Fields, metadata: ObjectMeta): Service {
  const spec = object.only(knownFields.service).object('spec')?.only(knownFields.serviceSpec);
  const affinity = readAffinity(spec);
  const selector = spec?.stringMap('selector');
  return {
    kind: 'Service',
    metadata,
    type: spec?.oneOf('type', SERVICE_TYPES),
    clusterIP: spec?.string('clusterIP'),
    clusterIPs: spec?.strings('clusterIPs') ?? [],
    ipFamilies: spec?.eachOneOf('ipFamilies', ['IPv4', 'IPv6'] as const) ?? [],
    ipFamilyPolicy: spec?.oneOf('ipFamilyPolicy', ['SingleStack', 'PreferDualStack', 'RequireDualStack'] as const),
    ports: spec?.list('ports', readPort) ?? [],
    selector: selector === undefined || selector.size === 0 ? undefined : selector,
    externalIPs: spec?.strings('externalIPs') ?? [],
    loadBalancerSourceRanges: spec?.strings('loadBalancerSourceRanges') ?? [],
    allocateLoadBalancerNodePorts: spec?.boolean('allocateLoadBalancerNodePorts'),
    sessionAffinity: spec?.oneOf('sessionAffinity', ['None', 'ClientIP'] as const),
    sessionAffinityTimeoutSeconds: affinity?.integer('timeoutSeconds', 1, 86_400),
    externalTrafficPolicy: spec?.oneOf('externalTrafficPolicy', POLICIES),
    internalTrafficPolicy: spec?.oneOf('internalTrafficPolicy', POLICIES),
    trafficDistribution: spec?.string('trafficDistribution'),
    healthCheckNodePort: spec?.integer('healthCheckNodePort', 0, 65_535),
    publishNotReadyAddresses: spec?.boolean('publishNotReadyAddresses') ?? false,
    loadBalancerIngress: object.object('status')?.object('loadBalancer')?.list('ingress', readIngress) ?? [],
  };
}

function readAffinity(spec: Fields | undefined): Fields | undefined {
  const config = spec?.object('sessionAffinityConfig')?.only(knownFields.sessionAffinityConfig);
  return config?.object('clientIP')?.only(knownFields.clientIp);
}

function readPort(port: Fields): ServicePortSpec {
  const name = port.only(knownFields.servicePort).string('name');
  if (name !== undefined && name !== '' && !isDnsLabel(name)) {
    port.problem('name', 'a DNS label (a-z, 0-9 and "-", at most 63 characters)');
  }
  return {
    name,
    protocol: port.oneOf('protocol', protocols),
    port: port.integer('port', 1, 65_535) ?? missing(port, 'port'),
    targetPort: port.integerOrString('targetPort', 0, 65_535),
    nodePort: port.integer('nodePort', 0, 65_535),
  };
}

function missing(port: Fields, name: string): number {
  if (!port.has(name)) port.problem(name, 'a whole number from 1 to 65535');
  return 0;
}

function readIngress(ingress: Fields): LoadBalancerIngress {
  return { ip: ingress.string('ip'), hostname: ingress.string('hostname'), ipMode: ingress.string('ipMode') };
}
