import type { Step } from '../../core/analyze/trace/course.ts';
import { choicesOf, choiceText } from '../../core/analyze/trace/decisions.ts';
import { explainStep } from '../../core/analyze/trace/explain-step.ts';
import type { Question } from '../../core/analyze/trace/question.ts';
import type { Trace } from '../../core/analyze/trace/trace.ts';
import type { ReportView } from '../../core/render/report-shapes.ts';
import { capital } from './html-words.ts';
import { bareRule, costText, endText, groupText, linesText, openTexts, weightText } from './outcome-texts.ts';
import { groupOutcomes, ownSteps, type GroupedOutcomes, type OutcomeGroup } from './trace-groups.ts';
import { assumptionText, flagFor } from './trace-texts.ts';

type TraceView = ReportView<'trace'>;
type PartView = TraceView['parts'][number];

export interface TraceWords {
  readonly packet: string;
  readonly names: ReadonlyMap<string, string>;
}

/** Outcomes of a group, and assumptions, that are shown. */
const MOST = 100;

/** Only rules that call one another in circles of circles have more on a part of the way. */
const MOST_STEPS = 500;

export function traceView(trace: Trace, { packet, names }: TraceWords): TraceView {
  const { outcomes, assumptions, open, gaveUp } = trace;
  const grouped = groupOutcomes(outcomes);
  const common = stepRows(grouped.before);
  const before = { title: 'Rules that match', cost: '', outcomes: [], more: '', steps: common };
  return {
    title: packet,
    decisions: choicesOf(outcomes)
      .filter(({ endpoints }) => endpoints > 0)
      .map((choice) => ({ text: choiceText(choice) })),
    nothing: outcomes.length === 0 ? 'It gets no reply: the packet does not arrive.' : '',
    parts: [
      ...(common.length === 0 ? [] : [before]),
      ...grouped.groups.map((group) => partView(group, grouped, { names, open })),
    ],
    assumed: assumptions.slice(0, MOST).map((made) => assumptionRow(assumptionText(made), made.question)),
    open: openTexts(open)
      .slice(0, MOST)
      .map(({ text, question }) => assumptionRow(text, question)),
    gaveUp,
  };
}

function partView(
  { outcomes, after }: OutcomeGroup,
  { before, groups }: GroupedOutcomes,
  { names, open }: { readonly names: ReadonlyMap<string, string>; readonly open: readonly Question[] },
): PartView {
  const isOnly = groups.length === 1 && outcomes.length === 1;
  const [only, ...more] = outcomes;
  const own = only !== undefined && more.length === 0 ? ownSteps(only, before, after) : [];
  const rest = outcomes.length - MOST;
  const shown = isOnly ? [] : outcomes.slice(0, MOST);
  return {
    title: capital(groupText(outcomes)),
    cost: costText(outcomes),
    outcomes: shown.map((outcome) => ({
      share: weightText(outcome.weight, open),
      end: endText(outcome, names),
      lines: linesText(ownSteps(outcome, before, after)).replace(/^lines? /, ''),
    })),
    more: rest > 0 ? `and ${rest} more; chainsmith trace -v lists all` : '',
    steps: stepRows([...own, ...after]),
  };
}

function stepRows(steps: readonly Step[]): PartView['steps'] {
  const told = steps.filter(({ effect }) => effect.kind !== 'policy' || effect.policy !== 'ACCEPT');
  return told.slice(0, MOST_STEPS).map((step) => {
    const { hook, table, chain, rule, effect } = step;
    const isConntrack = (effect.kind === 'source' || effect.kind === 'destination') && table !== 'ipvs';
    return {
      hook,
      chain: isConntrack ? '' : `${table} ${chain}`,
      line: rule === undefined ? '' : String(rule.line),
      rule: rule === undefined ? '' : bareRule(rule.rule),
      meaning: capital(explainStep(step)),
    };
  });
}

function assumptionRow(text: string, question: Question): TraceView['assumed'][number] {
  const line = question.place === undefined ? '' : `, line ${question.place.line}`;
  return { text: `${capital(text)}${line}`, flag: flagFor(question) ?? '' };
}
