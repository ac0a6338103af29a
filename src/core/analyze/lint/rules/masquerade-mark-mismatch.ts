import { hex } from '../../../ruleset/print-values.ts';
import type { DumpView } from '../dump-view.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { masqueradeBits } from '../masquerade-mark.ts';
import { matchOf } from '../rule-facts.ts';
import type { TableView } from '../table-view.ts';

export const masqueradeMarkMismatch: LintRule = {
  code: 'masquerade-mark-mismatch',
  severity: 'error',
  title: 'the chains disagree about the mark for masquerading',
  needs: 'rules',
  holds: 'The bit that KUBE-MARK-MASQ sets is the one that KUBE-POSTROUTING and KUBE-FORWARD ask for.',
  why: 'iptables.masqueradeBit of kube-proxy and --iptables-masquerade-bit of the kubelet (which wrote these chains too, until 1.27) differ, or a change reached only some chains. What is marked is not masqueraded then, and what is not marked perhaps is.',
  issues: [],
  fix: 'Give both the same bit (14, which is 0x4000), and restart kube-proxy.',
  check: ({ dumps }) => dumps.flatMap(inDump),
};

function inDump(dump: DumpView): readonly Found[] {
  const nat = dump.table('nat');
  const bits = masqueradeBits(nat);
  if (nat === undefined || bits === 0) return [];
  return [
    ...mismatches(nat, 'KUBE-POSTROUTING', nat, bits),
    ...mismatches(dump.table('filter'), 'KUBE-FORWARD', nat, bits),
  ];
}

function mismatches(table: TableView | undefined, chain: string, nat: TableView, bits: number): readonly Found[] {
  const asking = (table?.rules(chain) ?? []).flatMap((rule) => {
    const mark = matchOf(rule.rule, 'mark');
    return mark === undefined ? [] : [{ rule, mark }];
  });
  const [first] = asking;
  if (table === undefined || first === undefined || asking.some(({ mark }) => (mark.mask & bits) !== 0)) return [];
  return [
    {
      message: `KUBE-MARK-MASQ sets ${hex(bits)}, and ${chain} asks for ${hex(first.mark.value)}`,
      place: table.place(chain, first.rule),
      related: [nat.place('KUBE-MARK-MASQ', nat.rules('KUBE-MARK-MASQ')[0])],
    },
  ];
}
