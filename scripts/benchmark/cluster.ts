/**
 * A cluster as `kubectl get nodes,services,endpointslices -A -o json` prints it, on one line.
 *
 * @param moreForOne further endpoints of one Service in the middle
 */
export function clusterJson(services: number, endpointsEach: number, moreForOne = 0): string {
  const items: object[] = [
    {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'node-0', labels: { 'topology.kubernetes.io/zone': 'zone-0' } },
      spec: { podCIDR: '10.128.0.0/24', podCIDRs: ['10.128.0.0/24'] },
      status: { addresses: [{ type: 'InternalIP', address: '192.168.0.10' }] },
    },
  ];
  const grown = services >> 1;
  for (let s = 0; s < services; s++) {
    items.push(service(s), slice(s, endpointsEach));
    if (s === grown && moreForOne > 0) items.push(slice(s, moreForOne, services * endpointsEach));
  }
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items });
}

/** `kubectl` without --node and with this range compiles it: Pods have addresses in it. */
export const POD_RANGE = '10.128.0.0/9';
export const NODE = 'node-0';

const CREATED = '2026-01-01T00:00:00Z';

function metadata(s: number, name: string): object {
  const uid = `00000000-0000-4000-8000-${String(s).padStart(12, '0')}`;
  return { name, namespace: `team-${s % 50}`, uid, resourceVersion: String(1000 + s), creationTimestamp: CREATED };
}

function service(s: number): object {
  const clusterIP = `10.96.${s >> 8}.${s & 255}`;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadata(s, `service-${s}`), labels: { app: `service-${s}` } },
    spec: {
      type: 'ClusterIP',
      clusterIP,
      clusterIPs: [clusterIP],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
      sessionAffinity: 'None',
      selector: { app: `service-${s}` },
      ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 8080 }],
    },
    status: { loadBalancer: {} },
  };
}

/** @param from number of the first endpoint, which gives its address */
function slice(s: number, endpointsEach: number, from = s * endpointsEach): object {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      ...metadata(s, `service-${s}-${from === s * endpointsEach ? 'x7k2p' : 'm4w9z'}`),
      labels: { app: `service-${s}`, 'kubernetes.io/service-name': `service-${s}` },
    },
    addressType: 'IPv4',
    ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
    endpoints: Array.from({ length: endpointsEach }, (_, e) => {
      const n = from + e;
      return {
        addresses: [`10.${128 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`],
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: `node-${n % 100}`,
        zone: `zone-${n % 3}`,
        targetRef: { kind: 'Pod', namespace: `team-${s % 50}`, name: `service-${s}-${from - s * endpointsEach + e}` },
      };
    }),
  };
}
