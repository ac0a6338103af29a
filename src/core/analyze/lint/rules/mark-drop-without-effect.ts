import { hex } from '../../../ruleset/print-values.ts';
import type { DumpView } from '../dump-view.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { counted, firstOf } from '../places.ts';
import type { TableView } from '../table-view.ts';

export const markDropWithoutEffect: LintRule = {
  code: 'mark-drop-without-effect',
  severity: 'error',
  title: 'nothing drops what KUBE-MARK-DROP marks',
  needs: 'rules',
  holds: 'A rule of filter drops packets with the mark that KUBE-MARK-DROP sets.',
  why: 'kube-proxy until 1.24 relies on the kubelet for it: source ranges and externalTrafficPolicy Local without local endpoints mark packets, and KUBE-FIREWALL drops them. A kubelet of 1.28 or newer does not write these rules any more. Then the packets go on.',
  issues: [],
  fix: 'Use kube-proxy of the version of the kubelet; it has not used this mark since 1.25.',
  check: ({ dumps }) => dumps.flatMap(inDump),
};

function inDump(dump: DumpView): readonly Found[] {
  const nat = dump.table('nat');
  const filter = dump.table('filter');
  if (nat?.isWhole !== true || filter?.isWhole !== true || !nat.has('KUBE-MARK-DROP')) return [];
  const [first, ...more] = nat.references('KUBE-MARK-DROP').filter(({ chain }) => nat.isReached(chain.name));
  if (first === undefined) return [];
  const bits = bitsOf(nat);
  if (bits !== 0 && isDropped(filter, bits)) return [];
  const what = bits === 0 ? 'and it sets no mark' : `and no rule of filter drops what has the mark ${hex(bits)}`;
  return [
    {
      message: `${counted(more.length + 1, 'rule')} lead${more.length === 0 ? 's' : ''} to KUBE-MARK-DROP, ${what}`,
      place: nat.place(first.chain.name, first.rule),
      related: [nat.place('KUBE-MARK-DROP'), ...firstOf(more).map(({ chain, rule }) => nat.place(chain.name, rule))],
    },
  ];
}

function bitsOf(nat: TableView): number {
  for (const { rule } of nat.rules('KUBE-MARK-DROP')) if (rule.target.kind === 'mark') return rule.target.value >>> 0;
  return 0;
}

function isDropped(filter: TableView, bits: number): boolean {
  return [...filter.chains.values()].some(
    ({ name, rules }) =>
      filter.isReached(name) &&
      rules.some(
        ({ rule }) =>
          (rule.target.kind === 'drop' || rule.target.kind === 'reject') &&
          rule.matches.some((match) => match.kind === 'mark' && (match.mask & bits) !== 0),
      ),
  );
}
