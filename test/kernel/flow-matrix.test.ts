// Who reaches which endpoints of a Service, and whether the endpoints see who it was: kube-proxy's own acceptance matrix
// (TestInternalExternalMasquerade), with real connections. Three Services, differing in their traffic policies, each with
// endpoints web-1 and web-2 on this node and web-3 on the other.
import assert from 'node:assert/strict';
import { NODE, OUTSIDE, type Family } from '../../scripts/lab/addresses.ts';
import type { Variant } from '../../scripts/lab/iptables.ts';
import { runProbes, type Outcome, type Probe } from '../../scripts/lab/probe.ts';
import {
  CLIENT,
  CLUSTER_CIDRS,
  clusterIp,
  FAMILIES,
  loadBalancerIp,
  nodePort,
  SERVICE_PORT,
  WEB,
  type ServiceSpec,
} from './support/cluster.ts';
import { kinds, masqueraded, reached } from './support/findings.ts';
import { FAMILY_NAMES, loadServices, useLab } from './support/kernel-lab.ts';

type Policy = 'default' | 'eTP Local' | 'iTP Local';
type From = 'pod' | 'node' | 'localhost' | 'external';
type To = 'ClusterIP' | 'NodePort' | 'LB';

const SERVICES: Readonly<Record<Policy, ServiceSpec>> = {
  default: { name: 'default', number: 1, endpoints: WEB },
  'eTP Local': { name: 'external-local', number: 2, endpoints: WEB, spec: { externalTrafficPolicy: 'Local' } },
  'iTP Local': { name: 'internal-local', number: 3, endpoints: WEB, spec: { internalTrafficPolicy: 'Local' } },
};

const ALL = WEB.map((pod) => pod.name);
const LOCAL = WEB.filter((pod) => pod.node === 'a').map((pod) => pod.name);

interface Cell {
  readonly policy: Policy;
  readonly from: From;
  readonly to: To;
  readonly endpoints: readonly string[];
  readonly masquerade: boolean;
}

/** What holds with a local detector and without masqueradeAll. */
const CELLS: readonly Cell[] = (
  [
    ['default', 'pod', 'ClusterIP', ALL, false],
    ['default', 'pod', 'NodePort', ALL, true],
    ['default', 'pod', 'LB', ALL, true],
    ['default', 'node', 'ClusterIP', ALL, true],
    ['default', 'node', 'NodePort', ALL, true],
    ['default', 'localhost', 'NodePort', ALL, true],
    ['default', 'node', 'LB', ALL, true],
    ['default', 'external', 'ClusterIP', ALL, true],
    ['default', 'external', 'NodePort', ALL, true],
    ['default', 'external', 'LB', ALL, true],
    ['eTP Local', 'pod', 'ClusterIP', ALL, false],
    ['eTP Local', 'pod', 'NodePort', ALL, false],
    ['eTP Local', 'pod', 'LB', ALL, false],
    ['eTP Local', 'node', 'ClusterIP', ALL, true],
    ['eTP Local', 'node', 'NodePort', ALL, true],
    ['eTP Local', 'localhost', 'NodePort', ALL, true],
    ['eTP Local', 'node', 'LB', ALL, true],
    ['eTP Local', 'external', 'ClusterIP', ALL, true],
    ['eTP Local', 'external', 'NodePort', LOCAL, false],
    ['eTP Local', 'external', 'LB', LOCAL, false],
    ['iTP Local', 'pod', 'ClusterIP', LOCAL, false],
    ['iTP Local', 'pod', 'NodePort', ALL, true],
    ['iTP Local', 'pod', 'LB', ALL, true],
    ['iTP Local', 'node', 'ClusterIP', LOCAL, true],
    ['iTP Local', 'node', 'NodePort', ALL, true],
    ['iTP Local', 'localhost', 'NodePort', ALL, true],
    ['iTP Local', 'node', 'LB', ALL, true],
    ['iTP Local', 'external', 'ClusterIP', LOCAL, true],
    ['iTP Local', 'external', 'NodePort', ALL, true],
    ['iTP Local', 'external', 'LB', ALL, true],
  ] as const
).map(([policy, from, to, endpoints, masquerade]) => ({ policy, from, to, endpoints, masquerade }));

interface Setting {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly override: (cell: Cell) => Partial<Cell>;
}

const isPodThroughLocal = (cell: Cell): boolean =>
  cell.policy === 'eTP Local' && cell.from === 'pod' && cell.to !== 'ClusterIP';

const same = (): Partial<Cell> => ({});

/** Nobody is known to be a Pod: no clusterIP masquerades, and to a Local policy a pod is as external as anybody. */
function withoutDetector(cell: Cell): Partial<Cell> {
  if (cell.to === 'ClusterIP') return { masquerade: false };
  return isPodThroughLocal(cell) ? { endpoints: LOCAL } : {};
}

function masqueradingAll(cell: Cell): Partial<Cell> {
  return cell.to === 'ClusterIP' ? { masquerade: true } : {};
}

function both(cell: Cell): Partial<Cell> {
  return { ...withoutDetector(cell), ...masqueradingAll(cell) };
}

const SETTINGS: readonly Setting[] = [
  { name: 'detecting pods by cluster CIDR', config: { clusterCIDR: CLUSTER_CIDRS }, override: same },
  { name: 'without a detector', config: {}, override: withoutDetector },
  {
    name: 'masquerading all',
    config: { clusterCIDR: CLUSTER_CIDRS, iptables: { masqueradeAll: true } },
    override: masqueradingAll,
  },
  { name: 'masquerading all without a detector', config: { iptables: { masqueradeAll: true } }, override: both },
  { name: 'detecting pods by node CIDR', config: { detectLocalMode: 'NodeCIDR' }, override: same },
  {
    name: 'detecting pods by interface name',
    config: { detectLocalMode: 'InterfaceNamePrefix', detectLocal: { interfaceNamePrefix: 'pod-' } },
    override: same,
  },
];

/** Chance leaves one of three endpoints out of so many connections less than once in 10^10 times. */
const CONNECTIONS = 60;

const HOSTS: Readonly<Record<From, string>> = {
  pod: CLIENT.name,
  node: 'node',
  localhost: 'node',
  external: 'outside',
};

function target(cell: Cell, family: Family): { readonly host: string; readonly port: number } {
  const service = SERVICES[cell.policy];
  if (cell.to === 'ClusterIP') return { host: clusterIp(service)[family], port: SERVICE_PORT };
  if (cell.to === 'LB') return { host: loadBalancerIp(service)[family], port: SERVICE_PORT };
  if (cell.from !== 'localhost') return { host: NODE[family], port: nodePort(service) };
  return { host: family === 'ipv4' ? '127.0.0.1' : '::1', port: nodePort(service) };
}

function probeOf(cell: Cell, family: Family): Probe {
  return { protocol: 'tcp', ...target(cell, family), count: CONNECTIONS, timeoutMs: 2000, giveUpAfter: 2 };
}

/** The address that an endpoint sees when nothing is masqueraded. */
function sourceOf(from: From, family: Family): string {
  if (from === 'pod') return CLIENT.address[family];
  if (from === 'external') return OUTSIDE[family];
  return from === 'node' ? NODE[family] : '127.0.0.1';
}

function checkCell(cell: Cell, family: Family, outcomes: readonly Outcome[]): void {
  if (cell.from === 'localhost' && family === 'ipv6') {
    // There is no route_localnet for IPv6: kube-proxy leaves ::1 alone, and nothing listens there.
    assert.deepEqual(kinds(outcomes), ['refused']);
    return;
  }
  assert.deepEqual(kinds(outcomes), ['answered']);
  assert.deepEqual(reached(outcomes), cell.endpoints);
  assert.equal(masqueraded(outcomes, family, sourceOf(cell.from, family)), cell.masquerade, 'masqueraded');
}

const RUNS: readonly (readonly [Variant, readonly Setting[]])[] = [
  ['nft', SETTINGS],
  ['legacy', SETTINGS.slice(0, 1)],
];

for (const [variant, settings] of RUNS) {
  describe(`the flow matrix by iptables-${variant}`, () => {
    const { lab } = useLab();

    for (const setting of settings) {
      const cells = CELLS.map((cell): Cell => ({ ...cell, ...setting.override(cell) }));

      describe(setting.name, () => {
        before(async () => {
          await loadServices(lab(), variant, Object.values(SERVICES), setting.config);
        });

        for (const family of FAMILIES) {
          for (const from of ['pod', 'node', 'localhost', 'external'] as const) {
            const row = cells.filter((cell) => cell.from === from);
            describe(`${FAMILY_NAMES[family]} from ${from}`, () => {
              let outcomes: readonly Outcome[][] = [];
              before(async () => {
                const probes = row.map((cell) => probeOf(cell, family));
                outcomes = await runProbes(lab(), HOSTS[from], probes);
              });
              for (const [index, cell] of row.entries()) {
                const who = cell.endpoints === ALL ? 'all endpoints' : 'local endpoints';
                it(`${cell.policy}, ${cell.to}: ${who}, ${cell.masquerade ? '' : 'not '}masqueraded`, () => {
                  checkCell(cell, family, outcomes[index] ?? []);
                });
              }
            });
          }
        }
      });
    }

    it('has thirty cells', () => {
      assert.equal(new Set(CELLS.map((cell) => `${cell.policy}, ${cell.from} to ${cell.to}`)).size, 30);
    });
  });
}
