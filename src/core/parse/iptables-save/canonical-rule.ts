import type { IpFamily } from '../../model/ip.ts';
import { printRule } from '../../ruleset/print-rule.ts';
import { oneSpelling } from './one-spelling.ts';
import { parseRule } from './parse-rule.ts';

/**
 * One text for all spellings of a rule, `-A CHAIN ...` without a newline: two lines are the same rule if these texts are equal. Where
 * iptables-save keeps two spellings of one condition apart (`-m state`, `-m conntrack --ctstate`), or its variants print two, this has one
 * of them.
 *
 * @param family what the rule is for, where nothing in it says so. Default: ipv4
 */
export function canonicalRule(line: string, family?: IpFamily): string {
  const { rule } = parseRule(line, family);
  return printRule({ ...rule, matches: rule.matches.map(oneSpelling) });
}
