// What becomes of a traced packet, in words that a terminal and a page have in common.
import { endpointText } from '../../core/analyze/trace/address.ts';
import type { Step } from '../../core/analyze/trace/course.ts';
import { percentText } from '../../core/analyze/trace/explain-step.ts';
import { isRedirected, type TraceOutcome } from '../../core/analyze/trace/outcomes.ts';
import type { Question } from '../../core/analyze/trace/question.ts';
import { isWhole } from '../../core/analyze/trace/share.ts';
import { certainShare, type Condition, type Weight } from '../../core/analyze/trace/weight.ts';
import { printRule } from '../../core/ruleset/print-rule.ts';
import type { Rule } from '../../core/ruleset/rule.ts';
import { groupBy } from '../../core/util/group-by.ts';
import { conditionText, fateText, hairpinText, hookText, localnetText, ruleCount, sourceText } from './trace-texts.ts';

/** `33.3 %`, or `33.3 % if ...`. `open` are all questions of the trace. */
export function weightText(weight: Weight, open: readonly Question[]): string {
  const share = certainShare(weight);
  if (share !== undefined) return percentText(share);
  const texts = weight.map((one) => {
    if (one.share === undefined) return 'possibly';
    const chance = isWhole(one.share) ? '' : `${percentText(one.share)} `;
    return `${chance}if ${one.conditions.map((condition) => shortCondition(condition, open)).join(' and ')}`;
  });
  return texts.join('; or ');
}

/** Several questions have numbers, which `openTexts` explains. */
function shortCondition(condition: Condition, open: readonly Question[]): string {
  if (open.length < 2) return conditionText(condition);
  const number = open.findIndex(({ key }) => key === condition.question.key) + 1;
  return `${condition.answer ? '' : 'not '}[${number}]`;
}

/** A line about what was followed both ways; all questions in it are about one rule. */
export interface OpenText {
  readonly text: string;
  readonly question: Question;
}

/** The questions that were followed both ways, with their numbers if there are several. What a rule asks in several hooks stands once. */
export function openTexts(open: readonly Question[]): readonly OpenText[] {
  const [only, ...more] = open;
  if (only === undefined) return [];
  if (more.length === 0) return [{ text: `whether ${only.yes}`, question: only }];
  const groups = groupBy([...open.entries()], ([, { yes, place }]) => `${place?.line ?? ''} ${yes}`);
  return [...groups.values()].flatMap((group) => {
    const [first, ...others] = group;
    if (first === undefined) return [];
    const [i, question] = first;
    const own = `[${i + 1}] ${question.yes}${others.length === 0 ? '' : hookText(question)}`;
    return [{ text: [own, ...others.map(([at, other]) => `[${at + 1}]${hookText(other)}`)].join(', '), question }];
  });
}

/** Behind a share: the endpoint where there is one, else what becomes of the packet. */
export function endText(outcome: TraceOutcome, names: ReadonlyMap<string, string> | undefined): string {
  const { fate, first } = outcome;
  if (first !== undefined && 'address' in first.fate) {
    return `the answer of ${endpointText(first.fate.address, first.fate.port)}`;
  }
  if (!isRedirected(outcome) || !('address' in fate)) return fateText(outcome);
  const name = fate.address === 'own' ? undefined : names?.get(fate.address.text);
  return `${endpointText(fate.address, fate.port)}${name === undefined ? '' : ` (${name})`}`;
}

/** What becomes of all outcomes of a group: `forwarded to the endpoint, not masqueraded`. */
export function groupText(outcomes: readonly TraceOutcome[]): string {
  const [first] = outcomes;
  if (first === undefined) return '';
  const isOne = outcomes.length === 1 || first.first !== undefined;
  const many = isOne || !isRedirected(first) ? undefined : MANY[first.fate.kind];
  const what = many === undefined ? fateText(first) : `${many}${localnetText(first)}`;
  return [what, sourceText(first), hairpinText(first)].filter((part) => part !== undefined).join(', ');
}

const MANY: { readonly [K in TraceOutcome['fate']['kind']]?: string } = {
  delivered: 'delivered on this node',
  forwarded: 'forwarded to the endpoint',
  sent: 'sent to the endpoint',
};

/** `12 to 14 rules asked` */
export function costText(outcomes: readonly TraceOutcome[]): string {
  const costs = outcomes.map(({ rulesAsked }) => rulesAsked).sort((a, b) => a - b);
  return ruleCount(costs[0] ?? 0, costs.at(-1) ?? 0);
}

/** `lines 71, 59`, in the order of the packet's way. */
export function linesText(steps: readonly Step[]): string {
  const lines = steps.flatMap(({ rule }) => (rule === undefined ? [] : [rule.line]));
  if (lines.length === 0) return '';
  return `line${lines.length === 1 ? '' : 's'} ${lines.join(', ')}`;
}

/** The rule without what is said elsewhere: its chain, its comments, `-m tcp` behind `-p tcp`. */
export function bareRule(rule: Rule): string {
  const bare: Rule = { ...rule, matches: rule.matches.filter(({ kind }) => kind !== 'comment') };
  const text = rule.leftover.length > 0 ? rule.text : printRule(bare);
  return text
    .replace(/^-A \S+ ?/, '')
    .replace(/(-p (tcp|udp|sctp)) (?:(.*?) ?)-m \2(?= )/, (_, p, _n, mid) =>
      [p, mid].filter((part) => part !== '').join(' '),
    );
}
