import { strict as assert } from 'node:assert';
import { categorizeEndpoints } from '../../../src/core/services/categorize-endpoints.ts';
import type { Endpoint } from '../../../src/core/services/endpoint.ts';
import type { ServicePort } from '../../../src/core/services/service-port.ts';
import { endpoint, servicePort } from '../../support/builders.ts';

const READY = {};
const DRAINING = { ready: false, serving: true, terminating: true };
const GONE = { ready: false, serving: false, terminating: true };
const UNREADY = { ready: false, serving: false };
const LOCAL = { local: true };
const zone = (...zoneHints: readonly string[]): Partial<Endpoint> => ({ zoneHints });
const at = (nodeHint: string, ...zoneHints: readonly string[]): Partial<Endpoint> => ({
  nodeHints: [nodeHint],
  zoneHints,
});

const CLUSTER: Partial<ServicePort> = {};
const NODE_PORT: Partial<ServicePort> = { nodePort: 30080 };
const INTERNAL_LOCAL: Partial<ServicePort> = { internalPolicyLocal: true };
const EXTERNAL_LOCAL: Partial<ServicePort> = { nodePort: 30080, externalPolicyLocal: true };

interface Row {
  readonly name: string;
  readonly port?: Partial<ServicePort>;
  /** By the last number of their address, in order. */
  readonly endpoints: readonly Partial<Endpoint>[];
  readonly nodeName?: string | undefined;
  readonly zone?: string | undefined;
  readonly cluster: readonly number[];
  readonly local?: readonly number[];
  readonly any?: boolean;
  readonly ignored?: RegExp;
}

/** The rows of kube-proxy's TestCategorizeEndpoints, and some of our own. This node is node-a in zone-a. */
const rows: readonly Row[] = [
  { name: 'no endpoints', endpoints: [], cluster: [], any: false },
  { name: 'all ready', endpoints: [READY, LOCAL], cluster: [0, 1] },
  {
    name: 'hints for this zone',
    endpoints: [zone('zone-a'), zone('zone-b'), zone('zone-c'), zone('zone-a')],
    cluster: [0, 3],
  },
  {
    name: 'several zones in a hint',
    endpoints: [zone('zone-a'), zone('zone-b', 'zone-a'), zone('zone-c')],
    cluster: [0, 1],
  },
  {
    name: 'no hint for this zone',
    endpoints: [zone('zone-b'), zone('zone-c')],
    cluster: [0, 1],
    ignored: /no ready endpoint is meant for the zone zone-a/u,
  },
  {
    name: 'the zone is not known',
    zone: undefined,
    endpoints: [zone('zone-a'), zone('zone-b')],
    cluster: [0, 1],
    ignored: /zone of this node is not known/u,
  },
  {
    name: 'one without a hint',
    endpoints: [zone('zone-a'), zone('zone-b'), READY],
    cluster: [0, 1, 2],
    ignored: /1 of 3 ready endpoints has no hint/u,
  },
  { name: 'one without a hint, and not ready', endpoints: [zone('zone-a'), zone('zone-b'), UNREADY], cluster: [0] },
  { name: 'no hints at all', endpoints: [READY, READY], cluster: [0, 1] },
  {
    name: 'hints for this node',
    endpoints: [at('node-a', 'zone-a'), at('node-b', 'zone-a'), at('node-c', 'zone-b')],
    cluster: [0],
  },
  {
    name: 'node hints only for others, zone hints for this zone',
    endpoints: [at('node-b', 'zone-a'), at('node-c', 'zone-b')],
    cluster: [0],
  },
  {
    name: 'node hints only for others, no zone hints',
    endpoints: [at('node-b'), at('node-c')],
    cluster: [0, 1],
    ignored: /meant for the node node-a/u,
  },
  {
    name: 'not all have node hints, all have zone hints',
    endpoints: [at('node-a', 'zone-a'), zone('zone-a'), zone('zone-b')],
    cluster: [0, 1],
  },
  {
    name: 'node hints and no name',
    nodeName: undefined,
    endpoints: [at('node-a')],
    cluster: [0],
    ignored: /name of this node is not known/u,
  },
  { name: 'some ready, some draining', endpoints: [READY, DRAINING], cluster: [0] },
  { name: 'none ready: the draining ones', endpoints: [DRAINING, GONE, DRAINING, UNREADY], cluster: [0, 2] },
  {
    name: 'draining ones ignore hints',
    endpoints: [
      { ...DRAINING, ...zone('zone-b') },
      { ...DRAINING, ...zone('zone-a') },
    ],
    cluster: [0, 1],
  },
  { name: 'none serving', endpoints: [GONE, UNREADY], cluster: [], any: false },
  {
    name: 'serving, neither ready nor terminating',
    endpoints: [{ ready: false, serving: true }],
    cluster: [],
    any: false,
  },
  {
    name: 'iTP Local, not reachable from outside',
    port: INTERNAL_LOCAL,
    endpoints: [LOCAL, READY],
    cluster: [],
    local: [0],
  },
  { name: 'iTP Local, none here', port: INTERNAL_LOCAL, endpoints: [READY], cluster: [], local: [] },
  { name: 'iTP Local, none anywhere', port: INTERNAL_LOCAL, endpoints: [], cluster: [], local: [], any: false },
  {
    name: 'iTP Local, reachable from outside',
    port: { ...INTERNAL_LOCAL, ...NODE_PORT },
    endpoints: [LOCAL, READY],
    cluster: [0, 1],
    local: [0],
  },
  {
    name: 'iTP Local ignores hints',
    port: INTERNAL_LOCAL,
    endpoints: [{ ...LOCAL, ...zone('zone-b') }, zone('zone-a')],
    cluster: [],
    local: [0],
  },
  { name: 'eTP Cluster needs no local set', port: NODE_PORT, endpoints: [LOCAL, READY], cluster: [0, 1] },
  { name: 'eTP Local', port: EXTERNAL_LOCAL, endpoints: [LOCAL, READY], cluster: [0, 1], local: [0] },
  { name: 'eTP Local, none here', port: EXTERNAL_LOCAL, endpoints: [READY], cluster: [0], local: [] },
  {
    name: 'eTP Local means nothing inside',
    port: { externalPolicyLocal: true },
    endpoints: [LOCAL, READY],
    cluster: [0, 1],
  },
  {
    name: 'eTP Local, hints elsewhere',
    port: EXTERNAL_LOCAL,
    endpoints: [{ ...LOCAL, ...zone('zone-b') }, zone('zone-a')],
    cluster: [1],
    local: [0],
  },
  {
    name: 'eTP Local, only draining ones here',
    port: EXTERNAL_LOCAL,
    endpoints: [{ ...LOCAL, ...DRAINING }, READY],
    cluster: [1],
    local: [0],
  },
  {
    name: 'eTP Local, ready and draining here',
    port: EXTERNAL_LOCAL,
    endpoints: [{ ...LOCAL, ...DRAINING }, LOCAL, READY],
    cluster: [1, 2],
    local: [1],
  },
  {
    name: 'eTP Local, all draining',
    port: EXTERNAL_LOCAL,
    endpoints: [{ ...LOCAL, ...DRAINING }, DRAINING],
    cluster: [0, 1],
    local: [0],
  },
  {
    name: 'eTP Local, gone here',
    port: EXTERNAL_LOCAL,
    endpoints: [{ ...LOCAL, ...GONE }, READY],
    cluster: [1],
    local: [],
  },
  {
    name: 'both Local',
    port: { ...EXTERNAL_LOCAL, ...INTERNAL_LOCAL },
    endpoints: [LOCAL, READY],
    cluster: [0, 1],
    local: [0],
  },
  {
    name: 'both Local, an external IP',
    port: { ...INTERNAL_LOCAL, externalPolicyLocal: true, externalIps: [endpoint('1.2.3.4').ip] },
    endpoints: [LOCAL, READY],
    cluster: [0, 1],
    local: [0],
  },
];

describe('categorizeEndpoints', () => {
  for (const row of rows) {
    it(row.name, () => {
      const endpoints = row.endpoints.map((over, i) => endpoint(`10.0.0.${i}`, over));
      const place = {
        nodeName: 'nodeName' in row ? row.nodeName : 'node-a',
        zone: 'zone' in row ? row.zone : 'zone-a',
      };
      const found = categorizeEndpoints(endpoints, servicePort({ ...CLUSTER, ...row.port }), place);
      const pick = (wanted: readonly number[]): readonly string[] => wanted.map((i) => `10.0.0.${i}:8080`);
      const local = row.local ?? [];
      const texts = (list: readonly Endpoint[]): readonly string[] => list.map((e) => e.text);
      assert.deepEqual(texts(found.clusterEndpoints), pick(row.cluster));
      assert.deepEqual(texts(found.localEndpoints), pick(local));
      assert.deepEqual(
        texts(found.reachableEndpoints),
        pick([...new Set([...row.cluster, ...local])].toSorted((a, b) => a - b)),
      );
      assert.equal(found.hasEndpoints, row.any ?? true);
      if (row.ignored === undefined) assert.equal(found.hintsIgnored, undefined);
      else assert.match(found.hintsIgnored ?? '', row.ignored);
    });
  }
});
