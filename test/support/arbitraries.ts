/**
 * Snapshots as people have them, and nastier: every type, family, policy, affinity, source range, load balancer mode and condition;
 * names as long as the API allows; endpoints from slices, Endpoints, Pods or nowhere.
 *
 * A Service is planned first, from small choices that shrink well, and then written out by its place in the list, so that addresses
 * are its own unless `conflicts` are asked for.
 */
import * as fc from 'fast-check';
import type { JsonObject } from './json.ts';
import { asFile, nodeObject } from './objects.ts';
import {
  objectsOf,
  type ApiFamily,
  type PlannedEndpoint,
  type ServicePlan,
  type SnapshotOptions,
} from './service-plan.ts';

const NODES = ['node-a', 'node-b', 'node-c'] as const;
const ZONES = ['z1', 'z2', 'z3'] as const;
const LONG = 'l'.repeat(63);

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const flag = fc.constantFrom(true, false, null, undefined);

const conditions: fc.Arbitrary<JsonObject | null | undefined> = fc.oneof(
  { arbitrary: fc.constant({ ready: true, serving: true, terminating: false }), weight: 4 },
  { arbitrary: fc.constant({ ready: false, serving: true, terminating: true }), weight: 2 },
  { arbitrary: fc.record({ ready: flag, serving: flag, terminating: flag }), weight: 2 },
  { arbitrary: fc.constantFrom(null, undefined, {}), weight: 1 },
);

const hints: fc.Arbitrary<JsonObject | null | undefined> = fc.oneof(
  { arbitrary: fc.constantFrom(null, undefined), weight: 2 },
  {
    arbitrary: fc.record({
      forZones: maybe(fc.subarray([...ZONES]).map((zones) => zones.map((name) => ({ name })))),
      forNodes: maybe(fc.subarray([...NODES]).map((nodes) => nodes.map((name) => ({ name })))),
    }),
    weight: 1,
  },
);

const endpoint: fc.Arbitrary<PlannedEndpoint> = fc.record({
  number: fc.nat(250),
  conditions,
  nodeName: maybe(fc.constantFrom(...NODES, 'node-gone')),
  hints,
});

const PROTOCOLS = ['TCP', 'UDP', 'SCTP', undefined] as const;
const port = fc.record({
  name: fc.constantFrom('http', 'dns', 'a', '0', `p${LONG.slice(1)}`, 'p-q'),
  protocol: fc.constantFrom(...PROTOCOLS),
  port: fc.constantFrom(1, 53, 80, 443, 65_535),
  nodePort: fc.constantFrom('given', 'given', 'left out', 'none'),
});

const FAMILIES: readonly (readonly ApiFamily[])[] = [['IPv4'], ['IPv6'], ['IPv4', 'IPv6'], ['IPv6', 'IPv4']];

const policy = fc.constantFrom('Cluster', 'Local', undefined);
const range = fc.oneof(
  {
    arbitrary: fc.constantFrom('10.0.0.0/8', '192.168.0.0/16', ' 172.16.1.9/12 ', 'fd00::/8', '2001:db8::/32'),
    weight: 8,
  },
  { arbitrary: fc.constantFrom('0.0.0.0/0', '::/0', '1.2.3'), weight: 1 },
);

const servicePlan = (options: SnapshotOptions): fc.Arbitrary<ServicePlan> =>
  fc.record({
    name: fc.constantFrom('web', '9lives', LONG, 'x'),
    namespace: fc.constantFrom('default', 'kube-system', 'prod', `n${LONG.slice(1)}`),
    type: fc.oneof(
      { arbitrary: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer', 'LoadBalancer', undefined), weight: 12 },
      { arbitrary: fc.constant('ExternalName'), weight: 1 },
    ),
    families: fc.constantFrom(...FAMILIES),
    headless: fc.nat(9).map((n) => n === 0),
    addressGiven: options.explicit === true ? fc.constant(true) : fc.boolean(),
    ports: fc.uniqueArray(port, {
      minLength: 1,
      maxLength: 3,
      selector: (p) => p,
      comparator: (a, b) => a.name === b.name || (a.port === b.port && (a.protocol ?? 'TCP') === (b.protocol ?? 'TCP')),
    }),
    unnamed: fc.boolean(),
    externalTrafficPolicy: policy,
    internalTrafficPolicy: policy,
    affinity: maybe(fc.constantFrom(1, 600, 86_400, 'default' as const)),
    externalIps: fc.nat(2),
    ingress: fc.array(fc.constantFrom('VIP', 'Proxy', undefined, 'hostname'), { maxLength: 2 }),
    sourceRanges: fc.array(range, { maxLength: 3 }),
    labels: fc.oneof(
      { arbitrary: fc.constantFrom({}, { app: 'a', 'x/y': 'z' }), weight: 12 },
      { arbitrary: fc.constant({ 'service.kubernetes.io/service-proxy-name': 'mine' }), weight: 1 },
    ),
    publishNotReadyAddresses: maybe(fc.boolean()),
    trafficDistribution: maybe(fc.constantFrom('PreferClose', 'PreferSameZone', 'PreferSameNode')),
    source: fc.constantFrom('slices', 'slices', 'slices', 'Endpoints', 'Pods', 'none'),
    endpoints: fc.uniqueArray(endpoint, {
      maxLength: options.maxEndpoints ?? 6,
      selector: (e) => (options.conflicts === true ? e : e.number),
    }),
    cut: fc.nat(6),
  });

/** Nodes, Services and their endpoints: one object per document. Compile it for node-a. */
export function snapshots(options: SnapshotOptions = {}): fc.Arbitrary<readonly JsonObject[]> {
  const plans = fc.array(servicePlan(options), { maxLength: options.maxServices ?? 5 });
  const zones = fc.tuple(...NODES.map((_, i) => maybe(fc.constant(ZONES[i] ?? 'z1'))));
  return fc.tuple(plans, zones, fc.boolean()).map(([services, zoneOf, twice]) => {
    const nodes = NODES.map((name, i) => nodeObject(name, i, zoneOf[i]));
    const objects = asFile([...nodes, ...services.flatMap((plan, i) => objectsOf(plan, i, options))]);
    return options.conflicts === true && twice ? [...objects, ...changedCopies(objects)] : objects;
  });
}

/** The objects of one Service that shares nothing with those of `snapshots` (explicit, no conflicts). */
export function unrelatedService(): fc.Arbitrary<readonly JsonObject[]> {
  const options: SnapshotOptions = { explicit: true };
  return servicePlan(options).map((plan) => asFile(objectsOf(plan, 40, options)));
}

/** Another version of the first Service, as when two files hold it. */
function changedCopies(objects: readonly JsonObject[]): readonly JsonObject[] {
  const service = objects.find((o) => o['kind'] === 'Service');
  return service === undefined ? [] : [{ ...service, spec: { ports: [{ port: 81 }] } }];
}

/** KubeProxyConfigurations that kube-proxy accepts. */
export const proxyConfigs: fc.Arbitrary<JsonObject> = fc
  .record({
    clusterCIDR: maybe(fc.constantFrom('10.244.0.0/16', '10.244.0.0/16,fd00:10:244::/56', 'fd00::/16')),
    detectLocal: fc.constantFrom(
      {},
      { detectLocalMode: 'ClusterCIDR' },
      { detectLocalMode: 'NodeCIDR' },
      { detectLocalMode: 'BridgeInterface', detectLocal: { bridgeInterface: 'cni0' } },
      { detectLocalMode: 'InterfaceNamePrefix', detectLocal: { interfaceNamePrefix: 'veth' } },
    ),
    iptables: fc.record({
      masqueradeAll: fc.boolean(),
      masqueradeBit: fc.constantFrom(0, 14, 15, 31),
      localhostNodePorts: fc.boolean(),
    }),
    nodePortAddresses: fc.constantFrom(
      [],
      ['primary'],
      ['192.168.0.0/24'],
      ['127.0.0.0/8', '2001:db8::/32'],
      ['0.0.0.0/0', '::/0'],
      ['203.0.113.0/24'],
    ),
    tcpBeLiberal: fc.boolean(),
  })
  .map(({ clusterCIDR, detectLocal, iptables, nodePortAddresses, tcpBeLiberal }) => ({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    ...(clusterCIDR === undefined ? {} : { clusterCIDR }),
    ...detectLocal,
    iptables,
    nodePortAddresses,
    conntrack: { tcpBeLiberal },
  }));
