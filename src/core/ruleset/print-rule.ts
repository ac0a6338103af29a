import { printMatch } from './print-match.ts';
import { not, optional } from './print-values.ts';
import { printTarget } from './print-target.ts';
import { protocolText } from './protocols.ts';
import { wordText } from './quoted-text.ts';
import { splitWords } from './rule-words.ts';
import type { Rule, UnreadableAddress } from './rule.ts';
import type { NetworkMatch } from './rule-values.ts';

/**
 * A rule in iptables-save's own spelling, `-A CHAIN ...` without a newline: what iptables-save 1.8 prints once the rule is loaded. Where
 * its versions and variants differ it is one of their forms, always the same.
 */
export function printRule(rule: Rule): string {
  if (rule.leftover.length > 0 || rule.chain === '') return asWritten(rule.text);
  let text = `-A ${wordText(rule.chain)}${address(rule.source, '-s')}${address(rule.destination, '-d')}`;
  text +=
    optional(rule.inInterface, '-i', (i) => wordText(i.value)) +
    optional(rule.outInterface, '-o', (i) => wordText(i.value));
  text += optional(rule.protocol, '-p', (p) => protocolText(p.number)) + optional(rule.fragment, '-f');
  for (const match of rule.matches) text += ` ${printMatch(match)}`;
  const target = printTarget(rule.target);
  return target === '' ? text : `${text} ${target}`;
}

/** The words of a line with one blank between them. */
function asWritten(text: string): string {
  return splitWords(text)
    .words.map(({ start, end }) => text.slice(start, end))
    .join(' ');
}

function address(match: NetworkMatch | UnreadableAddress | undefined, option: string): string {
  if (match === undefined) return '';
  return ` ${not(match)}${option} ${match.network === undefined ? wordText(match.text) : match.network.text}`;
}
