import type { LintRule } from '../lint-rule.ts';
import { counted, firstOf } from '../places.ts';

export const jumpToMissingChain: LintRule = {
  code: 'jump-to-missing-chain',
  severity: 'error',
  title: 'a jump to a chain that is not there',
  needs: 'rules',
  holds: 'Every chain that a rule leads to is there.',
  why: 'The kernel has no such rules, so the dump was changed or put together, or it is input for iptables-restore, which refuses the whole table for it. (With --noflush the chain may be there already.)',
  issues: ['kubernetes/kubernetes#104388'],
  fix: 'Take the dump again, and whole: iptables-save > FILE. In input for iptables-restore, declare the chain: ":CHAIN - [0:0]".',
  check: ({ dumps }) =>
    dumps.flatMap(({ tables }) =>
      tables.flatMap((table) => {
        if (!table.isWhole) return [];
        const missing = [...table.referenced].filter((chain) => !table.has(chain) && !canBeTarget(chain));
        return missing.map((chain) => {
          const [first, ...more] = table.references(chain);
          return {
            message: `the chain ${chain} is not there, and ${counted(more.length + 1, 'rule')} of ${table.name} lead${more.length === 0 ? 's' : ''} to it`,
            place: first === undefined ? table.whole : table.place(first.chain.name, first.rule),
            related: firstOf(more).map((from) => table.place(from.chain.name, from.rule)),
          };
        });
      }),
    ),
};

/** Names of targets are capital letters and digits; one that this program does not know is no chain. */
function canBeTarget(name: string): boolean {
  return /^[A-Z0-9]+$/.test(name);
}
