import { ipvsSetMeaning } from '../../kube/ipvs-sets.ts';
import type { DumpView } from '../dump-view.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { asksSets } from '../proxy-modes.ts';
import { counted, firstOf, listed } from '../places.ts';

export const setStillUsed: LintRule = {
  code: 'set-still-used',
  severity: 'warning',
  title: 'rules still ask the ipsets of the ipvs mode',
  needs: 'rules',
  holds: 'On a node in iptables mode no rule asks an ipset of kube-proxy.',
  why: 'The ipvs mode was left and some of its rules were not removed. While a rule asks a set, the kernel does not destroy the set, and kube-proxy --cleanup fails with "Set cannot be destroyed: it is in use by a kernel component".',
  issues: ['kubernetes/kubernetes#109286', 'gardener/gardener#4599'],
  fix: 'Remove in this order: the rules, the chains, the sets. chainsmith cleanup does.',
  check: ({ dumps }) => dumps.flatMap(inDump),
};

function inDump(dump: DumpView): readonly Found[] {
  // Where KUBE-SERVICES asks sets, the ipvs mode is the one at work.
  if (!dump.modes.has('iptables') || asksSets(dump.table('nat')?.rules('KUBE-SERVICES') ?? [])) return [];
  const users = dump.tables.flatMap((table) =>
    [...table.chains.values()].flatMap(({ name, rules }) =>
      rules.flatMap((rule) => {
        const sets = rule.rule.matches.flatMap((match) =>
          match.kind === 'set' && ipvsSetMeaning(match.name) !== undefined ? [match.name] : [],
        );
        return sets.length === 0 ? [] : [{ table, chain: name, rule, sets }];
      }),
    ),
  );
  const [first, ...more] = users;
  if (first === undefined) return [];
  const sets = [...new Set(users.flatMap((user) => user.sets))].sort();
  return [
    {
      message: `${counted(users.length, 'rule')} ask${users.length === 1 ? 's' : ''} ${listed(sets)}`,
      place: first.table.place(first.chain, first.rule),
      related: firstOf(more).map(({ table, chain, rule }) => table.place(chain, rule)),
    },
  ];
}
