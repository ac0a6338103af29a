/** Verifies rules against snapshots, in one step. */
import type { CompileOptions } from '../../src/core/compile/compile.ts';
import { readMeaning, type FamilyMeaning } from '../../src/core/compile/read-meaning.ts';
import { compileIptables } from '../../src/core/compile/iptables/compile-iptables.ts';
import { printRules } from '../../src/core/compile/print-rules.ts';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { verifyRuleset, type VerifyOptions } from '../../src/core/analyze/verify/verify-ruleset.ts';
import type { VerifyResult } from '../../src/core/analyze/verify/difference.ts';
import { CLUSTER_CIDR } from './compiled.ts';

export interface MeantRules {
  readonly meaning: FamilyMeaning;
  /** What chainsmith compiles for it. */
  readonly text: string;
}

/** Both families, for node-a. */
export function meantRules(documents: readonly unknown[], options: CompileOptions = {}): readonly MeantRules[] {
  const { families, options: checked } = readMeaning(documents, { config: CLUSTER_CIDR, node: 'node-a', ...options });
  return families.map((meaning) => ({
    meaning,
    text: printRules(compileIptables(meaning.table, meaning.settings, { features: checked.features })),
  }));
}

export function verifyText(text: string, meaning: FamilyMeaning, options?: VerifyOptions): VerifyResult {
  const { ruleset } = parseIptablesSave(text, { family: meaning.family });
  return verifyRuleset(ruleset, meaning, options);
}

/** A result in a few lines, for messages of failing tests. */
export function brief({ verdict, differences, undecided }: VerifyResult): string {
  const lines = differences.slice(0, 5).map((d) => {
    const { packet, actual, blame } = d;
    const where = blame.map(({ table, chain, line }) => `${table}/${chain}:${line ?? ''}`).join(' ');
    const came = packet.inInterface ?? 'node';
    const flags = `${packet.sourceIsLocal ? 'S' : ''}${packet.destinationIsLocal ? 'D' : ''}${packet.endpointIsLocal ? 'E' : ''}`;
    const what = `${came} ${packet.source}:${packet.sourcePort ?? ''} -> ${packet.destination}:${packet.destinationPort ?? ''}/${packet.protocol} ${packet.tracking} ${flags} mark ${packet.mark}`;
    const did = actual.map((a) => `${a.verdict} ${a.endpoint ?? ''} ${a.source ?? ''} ${a.chance}`).join('; ');
    return `${d.kind} ${d.service ?? ''} ${d.frontend ?? ''} | ${what} | ${JSON.stringify(d.expected)} | ${did} | ${where} | ${JSON.stringify(packet.conditions)}`;
  });
  const doubts = undecided.slice(0, 5).map((u) => `undecided: ${u.reason} ${u.rule?.text ?? ''} ${u.services.join()}`);
  return [verdict, ...lines, ...doubts].join('\n');
}

/** One Service with two endpoints. */
const WEB = [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { clusterIP: '10.96.0.10', ports: [{ port: 80, protocol: 'TCP' }] },
  },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ port: 8080, protocol: 'TCP' }],
    endpoints: [{ addresses: ['10.244.1.1', '10.244.2.1'], conditions: { ready: true } }],
  },
];

/** IPv4 of a cluster with the Service default/web alone: 10.96.0.10:80 leads to 10.244.1.1:8080 and 10.244.2.1:8080. */
export function webRules(): ReturnType<typeof meantRules>[number] {
  const [rules] = meantRules(WEB);
  if (rules === undefined) throw new Error('nothing was compiled for IPv4');
  return rules;
}
