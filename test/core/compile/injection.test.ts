import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../../../src/core/compile/compile.ts';
import { printRules } from '../../../src/core/compile/print-rules.ts';
import { goldenRoot } from '../../support/golden-paths.ts';
import { readRules } from '../../support/golden-rules.ts';
import { foreignFaults, structureFaults } from '../../support/golden-structure.ts';
import { readRule } from '../../support/packet-rule.ts';

/** What a person or a program could put into a field to get something of its own into the rules. */
const HOSTILE: readonly string[] = [
  '" -j ACCEPT #',
  "' -j ACCEPT",
  'web" -j ACCEPT\n-A INPUT -j ACCEPT',
  '\nCOMMIT\n*filter\n-A INPUT -j ACCEPT',
  'COMMIT',
  '*nat',
  ':INPUT DROP [0:0]',
  '-j ACCEPT',
  '! -s 0.0.0.0/0',
  'a b',
  'a\tb',
  'a\u0000b',
  'a\r\nb',
  'a\\',
  'a\\"b',
  '{{chain}}',
  '{{{.}}}',
  '$(reboot)',
  '`reboot`',
  '%s%n',
  '\u202eweb',
  'ｗeb',
  'wеb',
  '\u2028',
  '\ud800',
  '10.0.0.1 -j ACCEPT',
  '10.0.0.1/32\n',
  '10.0.0.0/8,0.0.0.0/0',
  '0.0.0.0/0 -j ACCEPT',
  '::1 -j ACCEPT',
  '__proto__',
  'constructor',
  'x'.repeat(10_000),
];

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** One object of each kind, with a text in every field that takes one. */
const DOCUMENTS: readonly Json[] = [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
    spec: {
      type: 'LoadBalancer',
      clusterIP: '10.96.0.10',
      clusterIPs: ['10.96.0.10', 'fd00:96::10'],
      ipFamilyPolicy: 'PreferDualStack',
      ipFamilies: ['IPv4', 'IPv6'],
      externalTrafficPolicy: 'Local',
      internalTrafficPolicy: 'Cluster',
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 600 } },
      trafficDistribution: 'PreferSameZone',
      externalIPs: ['198.51.100.1'],
      externalName: 'example.com',
      loadBalancerSourceRanges: ['203.0.113.0/24'],
      healthCheckNodePort: 32000,
      ports: [{ name: 'http', protocol: 'TCP', port: 80, nodePort: 30080, targetPort: 'web' }],
    },
    status: { loadBalancer: { ingress: [{ ip: '198.51.100.2', hostname: 'lb.example.com', ipMode: 'VIP' }] } },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'pods', namespace: 'shop' },
    spec: { selector: { app: 'pods' }, ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 'web' }] },
  },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
    endpoints: [
      {
        addresses: ['10.244.0.5'],
        nodeName: 'node-a',
        zone: 'z1',
        hints: { forZones: [{ name: 'z1' }], forNodes: [{ name: 'node-a' }] },
      },
    ],
  },
  {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'pods', namespace: 'shop', labels: { app: 'x' } },
    subsets: [
      { addresses: [{ ip: '10.244.0.6', nodeName: 'node-a' }], ports: [{ name: 'http', port: 80, protocol: 'TCP' }] },
    ],
  },
  {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-a', labels: { 'topology.kubernetes.io/zone': 'z1' } },
    spec: { podCIDR: '10.244.0.0/24', podCIDRs: ['10.244.0.0/24'] },
    status: { addresses: [{ type: 'InternalIP', address: '192.168.0.10' }] },
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'pods-1', namespace: 'shop', labels: { app: 'pods' } },
    spec: {
      nodeName: 'node-a',
      containers: [{ name: 'c', ports: [{ name: 'web', containerPort: 8080, protocol: 'TCP' }] }],
    },
    status: {
      phase: 'Running',
      podIP: '10.244.0.6',
      podIPs: [{ ip: '10.244.0.6' }],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  },
];

const CONFIG: Json = {
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  clusterCIDR: '10.244.0.0/16',
  mode: 'iptables',
  bindAddress: '192.168.0.10',
  hostnameOverride: 'node-a',
  nodePortAddresses: ['192.168.0.0/24'],
  detectLocalMode: 'BridgeInterface',
  detectLocal: { bridgeInterface: 'cni0', interfaceNamePrefix: 'veth' },
};

type Path = readonly (string | number)[];

function pathsOfTexts(value: Json, path: Path = []): readonly Path[] {
  if (typeof value === 'string') return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]: [string, Json]) =>
    pathsOfTexts(item, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

/** A copy with the text at a path replaced, or with the key above it renamed. */
function replaced(value: Json, [step, ...rest]: Path, text: string): Json {
  if (step === undefined) return text;
  if (Array.isArray(value)) return value.map((item: Json, i) => (i === step ? replaced(item, rest, text) : item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]: [string, Json]) => [key, key === step ? replaced(item, rest, text) : item]),
  );
}

interface Seen {
  readonly compiled: number;
  readonly faults: readonly string[];
}

/** Every line must have the shape of one that kube-proxy wrote in some recorded case. */
function inspect(documents: readonly Json[], config: Json): Seen {
  const { rules, diagnostics } = compile([...documents], {
    config,
    node: 'node-a',
    nodeIps: ['192.168.0.10'],
    nfacct: true,
  });
  const faults: string[] = [];
  for (const { severity, message, hint = '' } of diagnostics) {
    if (/[\u0000-\u001f\u007f\u2028\u2029]/u.test(message + hint)) faults.push(`${severity}: ${message}`);
  }
  for (const compiled of rules) {
    const text = printRules(compiled);
    if (!/^[\x20-\x7e\n]*$/u.test(text)) faults.push('the rules hold other characters than ASCII');
    faults.push(...structureFaults(text), ...foreignFaults(text));
    for (const chains of readRules(text).values()) {
      for (const chain of chains.values()) {
        chain.rules.forEach((words, i) => {
          const line = chain.lines[i] ?? '';
          readRule(words, line);
          if (!SHAPES.has(shapeOf(chain.name, words))) faults.push(`a line of another shape: ${line}`);
          if (!QUOTED.test(line)) faults.push(`an odd line: ${line}`);
        });
      }
    }
  }
  return { compiled: rules.length, faults };
}

/** Quotes stand around comments only, and comments hold only what kube-proxy writes. */
const QUOTED = /^[^"\\'`]*(--comment "[-A-Za-z0-9/:;,.>[\] ]*"[^"\\'`]*)*$/u;

/** A rule without its values: which chain, which options in which order, which target. */
function shapeOf(chain: string, words: readonly string[]): string {
  const kind = (name: string): string => name.replace(/^(KUBE-[A-Z]+)-[A-Z2-7]{16}$/u, '$1');
  const options = words.flatMap((word, i) =>
    words[i - 1] === '--comment' ? [] : words[i - 1] === '-j' ? [kind(word)] : /^(-.*|!)$/u.test(word) ? [word] : [],
  );
  return [kind(chain), ...options].join(' ');
}

/** All shapes in golden/reference. */
const SHAPES: ReadonlySet<string> = new Set(
  readdirSync(join(goldenRoot, 'reference'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => ['iptables.save', 'ip6tables.save'].map((file) => join(goldenRoot, 'reference', name, file)))
    .flatMap((path) => [...readRules(readFileSync(path, 'utf8')).values()])
    .flatMap((chains) => [...chains.values()])
    .flatMap(({ name, rules }) => rules.map((rule) => shapeOf(name, rule))),
);

describe('injection', () => {
  DOCUMENTS.forEach((document, at) => {
    for (const path of pathsOfTexts(document)) {
      it(`by ${path.join('.')} of document ${at + 1}`, () => {
        for (const text of HOSTILE) {
          const documents = DOCUMENTS.map((d, i) => (i === at ? replaced(d, path, text) : d));
          assert.deepEqual(inspect(documents, CONFIG).faults, [], JSON.stringify(text));
        }
      });
    }
  });

  for (const path of pathsOfTexts(CONFIG)) {
    for (const mode of ['BridgeInterface', 'InterfaceNamePrefix', 'ClusterCIDR', 'NodeCIDR']) {
      it(`by ${path.join('.')} of the configuration, ${mode}`, () => {
        for (const text of HOSTILE) {
          const config = replaced(replaced(CONFIG, ['detectLocalMode'], mode), path, text);
          assert.deepEqual(inspect(DOCUMENTS, config).faults, [], JSON.stringify(text));
        }
      });
    }
  }

  it('by the names of fields and labels', () => {
    for (const text of HOSTILE) {
      const odd: Json = {
        apiVersion: 'v1',
        kind: 'Service',
        [text]: text,
        metadata: { name: 'odd', labels: { [text]: text } },
      };
      assert.deepEqual(inspect([...DOCUMENTS, odd], CONFIG).faults, [], JSON.stringify(text));
    }
  });

  it('is tried on rules that show names, addresses and interfaces', () => {
    const { rules } = compile([...DOCUMENTS], { config: CONFIG, node: 'node-a', nfacct: true });
    const text = rules.map((r) => printRules(r)).join('');
    for (const part of [
      'shop/web:http',
      'shop/pods:http',
      '-i cni0',
      '203.0.113.0/24',
      '198.51.100.1/32',
      '10.244.0.5:8080',
    ]) {
      assert.ok(text.includes(part), part);
    }
    assert.deepEqual(inspect(DOCUMENTS, CONFIG), { compiled: 2, faults: [] });
  });

  it('would be seen: a line of another shape is a fault', () => {
    const words = (line: string): readonly string[] => line.split(' ');
    assert.ok(SHAPES.has(shapeOf('KUBE-MARK-MASQ', words('-j MARK --set-xmark 0x1/0x1'))));
    assert.ok(!SHAPES.has(shapeOf('KUBE-MARK-MASQ', words('-j MARK --set-xmark 0x1/0x1 -j ACCEPT'))));
    assert.ok(!SHAPES.has(shapeOf('INPUT', words('-j ACCEPT'))));
  });
});
