import type { DumpView } from '../dump-view.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { counted, firstOf } from '../places.ts';

export const nodePortsUnreached: LintRule = {
  code: 'node-ports-unreached',
  severity: 'error',
  title: 'KUBE-SERVICES does not lead to the node ports',
  needs: 'rules',
  holds: 'If KUBE-NODEPORTS in nat has rules, KUBE-SERVICES leads to it.',
  why: 'The rule at the end of KUBE-SERVICES was lost, or something flushed the chain. No packet comes to the node ports: connections to them are refused by the node, and those of load balancers that use them as well. kube-proxy leaves the rule out itself where none of the addresses of the node is in --nodeport-addresses; node ports are dead then too.',
  issues: [],
  fix: 'Make kube-proxy write all rules again: restart it. If it comes back, compare --nodeport-addresses with the addresses of the node.',
  check: ({ dumps }) => dumps.flatMap(inDump),
};

function inDump(dump: DumpView): readonly Found[] {
  const nat = dump.table('nat');
  // The ipvs mode empties KUBE-SERVICES and leaves what the iptables mode had in KUBE-NODEPORTS.
  if (nat?.isWhole !== true || dump.modes.has('ipvs') || !nat.hasRules('KUBE-NODEPORTS')) return [];
  const from = nat.references('KUBE-NODEPORTS');
  if (from.some(({ chain }) => chain.name === 'KUBE-SERVICES' || nat.isReached(chain.name))) return [];
  const ports = dump.services.frontends.filter((frontend) => frontend.from === 'KUBE-NODEPORTS');
  return [
    {
      message: `no packet comes to KUBE-NODEPORTS and its ${counted(nat.rules('KUBE-NODEPORTS').length, 'rule')}`,
      place: nat.place(nat.has('KUBE-SERVICES') ? 'KUBE-SERVICES' : 'KUBE-NODEPORTS'),
      related: firstOf(ports).map(({ rule }) => nat.place('KUBE-NODEPORTS', rule)),
    },
  ];
}
