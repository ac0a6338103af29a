import type { Rule } from '../../../ruleset/rule.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { matchOf } from '../rule-facts.ts';
import type { TableView } from '../table-view.ts';

export const foreignRule: LintRule = {
  code: 'foreign-rule',
  severity: 'warning',
  title: "a rule in kube-proxy's chains that kube-proxy does not write",
  needs: 'rules',
  holds: "kube-proxy's chains hold rules of its forms only.",
  why: 'Somebody edited the rules by hand, or another program uses chains of the same name. kube-proxy overwrites the chain at some time or other, and until then the rule does what nobody expects.',
  issues: ['kubernetes/kubernetes#114537', 'kubernetes/kubernetes#104388'],
  fix: 'Find out who added it; own rules belong into own chains that a built-in chain jumps to.',
  check: ({ dumps }) =>
    dumps.flatMap((dump) => {
      const nat = dump.table('nat');
      // The other modes use some of the names for other things.
      return nat === undefined || dump.modes.size !== 1 || !dump.modes.has('iptables') ? [] : inTable(nat);
    }),
};

/** What the rules of kube-proxy since 1.1 do: the chains that they lead to, and other targets. */
const FORMS: readonly {
  readonly chains: RegExp;
  readonly to: RegExp;
  readonly targets: readonly Rule['target']['kind'][];
}[] = [
  {
    chains: /^KUBE-(?:SVC|SVL|XLB|EXT|FW)-/,
    to: /^KUBE-(?:(?:SVC|SVL|SEP|XLB|EXT)-\w+|MARK-MASQ|MARK-DROP)$/,
    targets: ['none'],
  },
  { chains: /^KUBE-SEP-/, to: /^KUBE-MARK-MASQ$/, targets: ['none', 'mark', 'dnat', 'opaque'] },
  {
    chains: /^KUBE-SERVICES$/,
    to: /^KUBE-(?:(?:SVC|SVL|XLB|EXT|FW)-\w+|MARK-MASQ|MARK-DROP|NODEPORTS)$/,
    targets: ['mark'],
  },
  { chains: /^KUBE-NODEPORTS$/, to: /^KUBE-(?:(?:SVC|SVL|XLB|EXT)-\w+|MARK-MASQ|MARK-DROP)$/, targets: ['mark'] },
  { chains: /^KUBE-MARK-MASQ$/, to: /^$/, targets: ['mark'] },
  { chains: /^KUBE-POSTROUTING$/, to: /^$/, targets: ['return', 'mark', 'masquerade'] },
];

function inTable(nat: TableView): readonly Found[] {
  return [...nat.chains.values()].flatMap(({ name, rules }) => {
    const form = FORMS.find(({ chains }) => chains.test(name));
    if (form === undefined) return [];
    return rules
      .filter(({ rule }) => !isOf(form, rule))
      .map((rule) => ({ message: `${name} has a rule that kube-proxy does not write`, place: nat.place(name, rule) }));
  });
}

function isOf({ to, targets }: (typeof FORMS)[number], rule: Rule): boolean {
  const { target } = rule;
  if (target.kind === 'jump') return to.test(target.chain);
  if (target.kind === 'opaque') return targets.includes('opaque') && target.name === 'DNAT';
  // Lost words are the reader's to tell of.
  return (
    target.kind !== 'goto' &&
    (targets.includes(target.kind) || rule.leftover.length > 0) &&
    matchOf(rule, 'opaque') === undefined
  );
}
