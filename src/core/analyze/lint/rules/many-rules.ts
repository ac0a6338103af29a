import type { DumpView } from '../dump-view.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';

export const manyRules: LintRule = {
  code: 'many-rules',
  severity: 'info',
  title: 'a very large rule set',
  needs: 'rules',
  holds: 'A node has at most 10,000 rules.',
  why: 'Whoever changes a rule with iptables-nft reads and locks all of them. With 25,000 a full restore takes a second, with 100,000 and more many, and programs time out on the lock (xtables lock, or "Resource temporarily unavailable"). kube-proxy 1.28 and newer writes only what changes.',
  issues: [
    'kubernetes/kubernetes#96018',
    'kubernetes/kubernetes#48107',
    'aws/amazon-vpc-cni-k8s#2948',
    'k3s-io/k3s#11098',
    'cloudnativelabs/kube-router#1057',
  ],
  fix: 'Look who owns most rules, and whether Services need so many endpoints; use kube-proxy 1.28 or newer, or its nftables mode.',
  check: ({ dumps }) => dumps.flatMap(inDump),
};

/** Below that a restore takes well under a second with either variant. */
const MANY = 10_000;

function inDump(dump: DumpView): readonly Found[] {
  const counts = dump.tables.flatMap(({ chains }) => [...chains.values()].map(({ rules }) => rules.length));
  const rules = counts.reduce((sum, count) => sum + count, 0);
  if (rules <= MANY) return [];
  const { services } = dump;
  const owners = services.choices
    .map(({ chain, entries }) => ({ name: services.label(chain.name), endpoints: entries.length }))
    .sort((a, b) => b.endpoints - a.endpoints || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name, endpoints }) => `${name} (${endpoints})`);
  const most = owners.length === 0 ? '' : `; most endpoints have ${owners.join(', ')}`;
  return [
    {
      message: `${rules} rules in ${counts.length} chains${most}`,
      place: dump.whole,
    },
  ];
}
