import type { Rule } from '../../ruleset/rule.ts';
import type { RulesetChain } from '../../ruleset/ruleset.ts';
import type { Effect } from './course.ts';

/** What a rule of nat KUBE-POSTROUTING did; undefined where that is not kube-proxy's own. */
export function explainPostrouting({ kind }: Effect, rule: Rule | undefined): string | undefined {
  const matches = (rule?.matches ?? []).filter((match) => match.kind !== 'comment');
  const asksMark = (negated: boolean): boolean =>
    matches.some((match) => match.kind === 'mark' && match.negated === negated);
  const isForAll = [rule?.source, rule?.destination, rule?.protocol, rule?.outInterface].every(
    (part) => part === undefined,
  );
  if (kind === 'return') return asksMark(true) ? 'it has no mark for masquerading, so its source stays' : undefined;
  if (kind !== 'masquerade') return undefined;
  const then = "so its source becomes the node's address, and replies come back through the node";
  if (matches.some((match) => match.kind === 'set' && LOOP_BACK.has(match.name) && !match.negated))
    return `an endpoint was sent to itself (hairpin), ${then}`;
  // Since 1.19 packets without the mark have returned before, and the rule itself asks for nothing.
  return asksMark(false) || (matches.length === 0 && isForAll) ? `it was marked for masquerading, ${then}` : undefined;
}

/** Of the IPVS mode: endpoints of this node, with themselves as clients. */
const LOOP_BACK: ReadonlySet<string> = new Set(['KUBE-LOOP-BACK', 'KUBE-6-LOOP-BACK']);

/** What filter KUBE-FIREWALL is for: old ones drop what is marked, newer ones what comes to loopback from elsewhere, those between both. */
export function explainFirewall(chain: RulesetChain | undefined): string | undefined {
  const drops = (chain?.rules ?? []).flatMap(({ rule }) => (rule.target.kind === 'drop' ? [rule] : []));
  const checks = [
    drops.some(({ matches }) => matches.some(({ kind }) => kind === 'mark')) && 'whether it is marked to be dropped',
    drops.some(({ destination }) => destination?.network?.text === '127.0.0.0/8' && !destination.negated) &&
      'that only the node itself asks for its loopback addresses',
  ].filter((check) => check !== false);
  return checks.length === 0 ? undefined : `it is checked ${checks.join(', and ')}`;
}
