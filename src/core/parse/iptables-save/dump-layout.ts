import type { RulesetRule } from '../../ruleset/ruleset.ts';
import { LineIndex } from './line-index.ts';

/** Takes a dump apart at its rules. */
export function dumpLayout(text: string, rules: readonly RulesetRule[]): readonly (string | RulesetRule)[] {
  const lines = new LineIndex(text);
  const parts: (string | RulesetRule)[] = [];
  let done = 0;
  for (const rule of rules.toSorted((a, b) => a.line - b.line)) {
    const at = text.indexOf(rule.rule.text, lines.start(rule.line));
    if (at > done) parts.push(text.slice(done, at));
    parts.push(rule);
    done = at + rule.rule.text.length;
  }
  if (done < text.length) parts.push(text.slice(done));
  return parts;
}
