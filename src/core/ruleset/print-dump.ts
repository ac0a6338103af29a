import { printRule } from './print-rule.ts';
import type { Ruleset } from './ruleset.ts';

/** The dump as it was read, byte for byte: each rule in its own spelling, and everything between them. */
export function printDump({ layout }: Ruleset): string {
  return layout.map((part) => (typeof part === 'string' ? part : part.rule.text)).join('');
}

/** The same with each rule as iptables-save 1.8 spells it. */
export function printCanonicalDump({ layout }: Ruleset): string {
  return layout.map((part) => (typeof part === 'string' ? part : printRule(part.rule))).join('');
}
