// Rules of others in nat POSTROUTING that end a packet's way there before KUBE-POSTROUTING. CNI plugins put them first on purpose, and kube-proxy
// leaves them there, so they are told of and not moved. Of a packet that a Service has marked, they take the masquerading: an endpoint that
// calls its own Service then gets no answer.
import type { CompiledRules } from '../ruleset/compiled-rules.ts';
import { matchesMarked } from '../ruleset/marked-packets.ts';
import type { Rule } from '../ruleset/rule.ts';
import { ruleLines } from './rule-lines.ts';

type ReadRule = (line: string) => Rule;

/** One note for each such rule. @param rules those of nat POSTROUTING, as they are after the plan */
export function masqueradeThiefNotes(rules: string, desired: CompiledRules, readRule: ReadRule): readonly string[] {
  const lines = ruleLines(rules);
  const ours = lines.findIndex((line) => {
    const { target } = readRule(line);
    return target.kind === 'jump' && target.chain === 'KUBE-POSTROUTING';
  });
  const bits = ours > 0 ? masqueradeBits(desired, readRule) : 0;
  if (bits === 0) return [];
  const thieves = lines.slice(0, ours).filter((line) => takesMarked(readRule(line), bits));
  return [...new Set(thieves)].map(
    (line) =>
      `nat POSTROUTING: the rule ${JSON.stringify(line)} stands before KUBE-POSTROUTING and takes packets that are marked for masquerading`,
  );
}

/** What KUBE-MARK-MASQ sets; 0 if that cannot be read. */
function masqueradeBits({ chains }: CompiledRules, readRule: ReadRule): number {
  const chain = chains.find(({ table, name }) => table === 'nat' && name === 'KUBE-MARK-MASQ');
  for (const line of ruleLines(chain?.rules ?? '')) {
    const { target } = readRule(line);
    if (target.kind === 'mark') return target.value;
  }
  return 0;
}

/** Not MASQUERADE: that is what the mark asks for, and Docker has such a rule on every node. */
const TAKING: ReadonlySet<Rule['target']['kind']> = new Set(['accept', 'return', 'snat']);

/** Whether the rule itself, not what it jumps to, can end the way of a packet to an endpoint that has these bits in its mark. */
function takesMarked(rule: Rule, bits: number): boolean {
  return TAKING.has(rule.target.kind) && matchesMarked(rule, bits, true);
}
