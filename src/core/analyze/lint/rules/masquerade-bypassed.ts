import { matchesMarked } from '../../../ruleset/marked-packets.ts';
import type { Rule } from '../../../ruleset/rule.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { masqueradeBits } from '../masquerade-mark.ts';
import { isUnconditional, jumpOf } from '../rule-facts.ts';
import type { TableView } from '../table-view.ts';

export const masqueradeBypassed: LintRule = {
  code: 'masquerade-bypassed',
  severity: 'warning',
  title: 'a rule before KUBE-POSTROUTING lets marked packets past it',
  needs: 'rules',
  holds:
    'No rule of nat POSTROUTING before the jump to KUBE-POSTROUTING accepts or returns packets that may be marked for masquerading.',
  why: 'The packets that the rule matches leave as they are, although a Service has marked them. A Pod that asks its own Service gets no answer then; with externalTrafficPolicy Cluster, clients get answers from an address that they never asked.',
  issues: ['kubernetes/kubernetes#20475'],
  fix: 'Let the rule pass marked packets (-m mark ! --mark 0x4000/0x4000), or let it stand behind KUBE-POSTROUTING.',
  check: ({ dumps }) => dumps.flatMap((dump) => inTable(dump.table('nat'))),
};

function inTable(nat: TableView | undefined): readonly Found[] {
  const bits = masqueradeBits(nat);
  if (nat === undefined || bits === 0) return [];
  const rules = nat.rules('POSTROUTING');
  const at = rules.findIndex(({ rule }) => jumpOf(rule) === 'KUBE-POSTROUTING');
  const jump = rules[at];
  if (jump === undefined) return [];
  return rules
    .slice(0, at)
    .filter(({ rule }) => letsPast(rule, bits))
    .map((rule) => ({
      message: 'packets that this rule matches do not come to KUBE-POSTROUTING, marked or not',
      place: nat.place('POSTROUTING', rule),
      related: [nat.place('POSTROUTING', jump)],
    }));
}

/** Rules without any condition are entry-jump-shadowed's. */
function letsPast(rule: Rule, bits: number): boolean {
  const { kind } = rule.target;
  return (kind === 'accept' || kind === 'return') && !isUnconditional(rule) && matchesMarked(rule, bits, false);
}
