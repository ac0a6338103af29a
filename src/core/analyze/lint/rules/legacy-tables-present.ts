import type { DumpView } from '../dump-view.ts';
import type { Found } from '../finding.ts';
import type { LintContext } from '../lint-context.ts';
import type { LintRule } from '../lint-rule.ts';

export const legacyTablesPresent: LintRule = {
  code: 'legacy-tables-present',
  severity: 'warning',
  title: 'the node has tables of iptables-legacy as well',
  needs: 'rules',
  holds: 'A dump of iptables-nft does not say that there are tables of iptables-legacy, unless those are given too.',
  why: 'iptables-nft-save says "iptables-legacy tables present" when the kernel has tables that it does not show. Rules in them are asked for every packet, and nothing in this dump says what they do.',
  issues: ['kubernetes/kubernetes#71305', 'kubernetes/kubernetes#109811'],
  fix: 'Look at them too: iptables-legacy-save > legacy.txt, and give both files.',
  check: (context) => context.dumps.flatMap((dump) => inDump(dump, context)),
};

const WARNING = /^# Warning: (ip6?tables)-legacy tables present/m;

function inDump(dump: DumpView, { dumps }: LintContext): readonly Found[] {
  const isGiven = dumps.some(({ family, ruleset }) => family === dump.family && ruleset.header?.variant === 'legacy');
  if (isGiven) return [];
  let line = 1;
  for (const part of dump.ruleset.layout) {
    if (typeof part !== 'string') continue;
    const at = WARNING.exec(part);
    if (at !== null) {
      const place = { ...dump.whole, line: line + linesIn(part.slice(0, at.index)), text: undefined };
      return [
        {
          message: `iptables-nft-save says that ${at[1] ?? ''}-legacy tables are there; they are not in this dump`,
          place,
        },
      ];
    }
    line += linesIn(part);
  }
  return [];
}

function linesIn(text: string): number {
  return text.split('\n').length - 1;
}
