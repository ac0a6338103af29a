// Words that the text and the document of a trace have in common.
import { endpointText } from '../../core/analyze/trace/address.ts';
import type { MadeAssumption } from '../../core/analyze/trace/assumptions.ts';
import { isRedirected, type TraceOutcome } from '../../core/analyze/trace/outcomes.ts';
import type { Question, QuestionKind } from '../../core/analyze/trace/question.ts';
import type { Condition } from '../../core/analyze/trace/weight.ts';

/** `forwarded to 10.244.1.1:8080` */
export function fateText(outcome: TraceOutcome): string {
  const { fate } = outcome;
  const only = localnetText(outcome);
  switch (fate.kind) {
    case 'delivered':
      return `delivered to ${endpointText(fate.address, fate.port)} on this node${only}`;
    case 'forwarded':
      return `forwarded to ${endpointText(fate.address, fate.port)}${only}`;
    case 'sent':
      return `sent to ${endpointText(fate.address, fate.port)}${only}`;
    case 'rejected':
      return `refused with ${fate.with}`;
    case 'dropped':
      return 'dropped without an answer';
    case 'unknown':
      return 'cannot be known';
  }
}

/** Behind a fate. */
export function localnetText({ needsRouteLocalnet }: TraceOutcome): string {
  return needsRouteLocalnet ? ' (only if route_localnet is set)' : '';
}

/** What happens to the source, where the packet gets somewhere. */
export function sourceText(outcome: TraceOutcome): string | undefined {
  const { fate, sourceNat } = outcome;
  if (fate.kind === 'rejected' || fate.kind === 'dropped' || fate.kind === 'unknown') return undefined;
  if (outcome.first !== undefined) return `as if from ${endpointText(outcome.source, outcome.sourcePort)}`;
  const line = sourceNat === undefined ? '' : ` (line ${sourceNat.rule.line})`;
  if (sourceNat?.kind === 'masquerade') {
    const to = sourceNat.address === 'own' ? '' : ` as ${sourceNat.address.text}`;
    return `masqueraded${to}${line}`;
  }
  if (sourceNat !== undefined) return `source becomes ${endpointText(sourceNat.address, sourceNat.port)}${line}`;
  return isRedirected(outcome) ? 'not masqueraded' : undefined;
}

export function hairpinText({ hairpin, sourceNat }: TraceOutcome): string | undefined {
  if (!hairpin) return undefined;
  return sourceNat === undefined
    ? 'hairpin: back to where it came from, which without masquerading gets no answer'
    : 'hairpin: back to where it came from';
}

export function conditionText({ question, answer }: Condition): string {
  return answer ? question.yes : question.no;
}

export function hookText({ hook }: Question): string {
  return hook === undefined ? '' : ` in ${hook}`;
}

/** The texts that several questions have: they differ in the hook. */
export function repeatedTexts(open: readonly Question[]): ReadonlySet<string> {
  const seen = new Set<string>();
  return new Set(open.flatMap(({ yes }) => (seen.size === seen.add(yes).size ? [yes] : [])));
}

export function assumptionText({ question, answer }: MadeAssumption): string {
  return answer ? question.yes : question.no;
}

/** What settles a question. */
const FLAGS: { readonly [K in QuestionKind]?: string } = {
  recent: '--recent',
  set: '--ipset',
  ipvs: '--ipvs',
  'virtual-server': '--ipvs',
  'in-interface': '--in-interface',
  'out-interface': '--out-interface',
  local: '--local-ip',
  'own-address': '--local-ip',
  'client-port': '--sport',
};

export function flagFor({ kind }: Question): string | undefined {
  return FLAGS[kind];
}

export function ruleCount(least: number, most: number): string {
  if (least === most) return `${least} rule${least === 1 ? '' : 's'} asked`;
  return `${least} to ${most} rules asked`;
}
