import { printMatch } from './print-match.ts';
import { not, optional } from './print-values.ts';
import { printTarget } from './print-target.ts';
import { protocolText } from './protocols.ts';
import type { Rule, UnreadableAddress } from './rule.ts';
import type { NetworkMatch } from './rule-values.ts';

/**
 * A rule in iptables-save's own spelling, `-A CHAIN ...` without a newline: what iptables-save 1.8 prints once the rule is loaded. Where
 * its versions and variants differ it is one of their forms, always the same.
 */
export function printRule(rule: Rule): string {
  let text = `-A ${rule.chain}${address(rule.source, '-s')}${address(rule.destination, '-d')}`;
  text += optional(rule.inInterface, '-i', (i) => i.value) + optional(rule.outInterface, '-o', (i) => i.value);
  text += optional(rule.protocol, '-p', (p) => protocolText(p.number)) + optional(rule.fragment, '-f');
  for (const match of rule.matches) text += ` ${printMatch(match)}`;
  for (const word of rule.leftover) text += ` ${word}`;
  const target = printTarget(rule.target);
  return target === '' ? text : `${text} ${target}`;
}

function address(match: NetworkMatch | UnreadableAddress | undefined, option: string): string {
  if (match === undefined) return '';
  return ` ${not(match)}${option} ${match.network === undefined ? match.text : match.network.text}`;
}
