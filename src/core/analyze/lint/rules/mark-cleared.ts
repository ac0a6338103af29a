import { hex } from '../../../ruleset/print-values.ts';
import type { RulesetRule } from '../../../ruleset/ruleset.ts';
import type { DumpView } from '../dump-view.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { masqueradeBits } from '../masquerade-mark.ts';

export const markCleared: LintRule = {
  code: 'mark-cleared',
  severity: 'warning',
  title: 'a rule of others overwrites the mark for masquerading',
  needs: 'rules',
  holds:
    'Between KUBE-MARK-MASQ and KUBE-POSTROUTING nobody else changes the bit of the mark that asks for masquerading.',
  why: 'A packet has one mark, and whoever sets it without a mask takes away the bits of all others. Packets that the rule matches are not masqueraded any more, or all are. It is asked for after nat PREROUTING or OUTPUT has marked them.',
  issues: [],
  fix: 'Give the rule a mask that leaves the bit alone (--set-xmark VALUE/MASK), or give kube-proxy another bit: iptables.masqueradeBit.',
  check: ({ dumps }) => dumps.flatMap(inDump),
};

/** The hooks that a packet passes after KUBE-MARK-MASQ and before KUBE-POSTROUTING. */
const BETWEEN: Readonly<Record<string, readonly string[]>> = {
  mangle: ['INPUT', 'FORWARD', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
};

function inDump(dump: DumpView): readonly Found[] {
  const bits = masqueradeBits(dump.table('nat'));
  if (bits === 0) return [];
  return Object.entries(BETWEEN).flatMap(([name, hooks]) => {
    const table = dump.table(name);
    if (table === undefined) return [];
    const chains = new Set(hooks.flatMap((hook) => [...table.reachedFrom(hook)]));
    return [...chains]
      .filter((chain) => !chain.startsWith('KUBE-'))
      .flatMap((chain) =>
        table
          .rules(chain)
          .filter((rule) => changes(rule, bits))
          .map((rule) => ({
            message: `${chain} changes the mark's bit ${hex(bits)}, by which KUBE-POSTROUTING knows what to masquerade`,
            place: table.place(chain, rule),
          })),
      );
  });
}

/** `mark = (mark & ~mask) ^ value` */
function changes({ rule: { target, matches } }: RulesetRule, bits: number): boolean {
  if (target.kind !== 'mark') return false;
  const [clears, flips] = [(target.mask & bits) !== 0, (target.value & bits) !== 0];
  if (!clears && !flips) return false;
  // A packet that is known not to have the bit can only be given it.
  const isWithout = matches.some(
    (match) => match.kind === 'mark' && !match.negated && (match.mask & bits) === bits && (match.value & bits) === 0,
  );
  return !isWithout || flips;
}
