import { hex } from '../../../ruleset/print-values.ts';
import type { DumpView } from '../dump-view.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { masqueradeBits } from '../masquerade-mark.ts';
import { isUnconditional, matchOf } from '../rule-facts.ts';

export const markNotCleared: LintRule = {
  code: 'mark-not-cleared',
  severity: 'warning',
  title: 'the mark for masquerading stays on the packets',
  needs: 'rules',
  holds: 'A KUBE-POSTROUTING that returns what is not marked clears the mark before it masquerades.',
  why: 'The rule between the two was lost. A packet that is put into another one, as overlay networks and IPsec do, comes through the node again with its mark, and is masqueraded a second time. Older versions of kube-proxy ask for the mark at the MASQUERADE itself and clear nothing, which is no damage.',
  issues: [],
  fix: 'Restart kube-proxy, which writes the chain anew.',
  check: ({ dumps }) => dumps.flatMap(inDump),
};

function inDump(dump: DumpView): readonly Found[] {
  const nat = dump.table('nat');
  const bits = masqueradeBits(nat);
  if (nat?.isWhole !== true || bits === 0) return [];
  const rules = nat.rules('KUBE-POSTROUTING');
  const at = rules.findIndex(({ rule }) => {
    const mark = matchOf(rule, 'mark');
    return rule.target.kind === 'return' && mark?.negated === true && (mark.mask & bits) !== 0;
  });
  const masquerade = rules.findIndex(
    ({ rule }, i) => i > at && rule.target.kind === 'masquerade' && isUnconditional(rule),
  );
  const rule = rules[masquerade];
  if (at === -1 || rule === undefined) return [];
  // `mark = (mark & ~mask) ^ value`: a bit that is set is cleared by one of the two, not by both.
  const clears = rules.slice(at + 1, masquerade).some(({ rule: { target } }) => {
    return target.kind === 'mark' && ((target.mask ^ target.value) & bits) >>> 0 === bits;
  });
  if (clears) return [];
  return [
    {
      message: `KUBE-POSTROUTING masquerades and leaves the mark ${hex(bits)} on the packets`,
      place: nat.place('KUBE-POSTROUTING', rule),
    },
  ];
}
