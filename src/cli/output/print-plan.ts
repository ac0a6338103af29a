import { isEmptyPlan, type FamilyPlan, type Plan } from '../../core/plan/plan.ts';
import type { FamilySummary, SummaryItem } from '../../core/plan/summary/summary.ts';
import type { ChangeSign, Paint } from './colors.ts';
import { plainText } from './plain-text.ts';
import { ipvsDiffLines, ipvsPlanLines } from './print-ipvs-plan.ts';
import { familyName, planCounts } from './plan-counts.ts';
import { chainDiff } from './plan-diff.ts';

/** A plan and what it means for the Services (`summarizeFamily`), one summary per family of the plan. */
export interface PlanView {
  readonly plan: Plan;
  readonly summaries: readonly FamilySummary[];
}

export interface PrintPlanOptions {
  /** With the rules of each chain before and after. */
  readonly diff: boolean;
  /** Nothing folded. */
  readonly verbose: boolean;
  readonly paint: Paint;
}

/** A plan for people: by Service first, then rules (`diff`), then counts. */
export function printPlan(view: PlanView, options: PrintPlanOptions): string {
  const { plan, summaries } = view;
  const ipvsNotes = (plan.ipvs?.notes ?? []).map((note) => plainText(`note: ${note}`));
  const notes = [...plan.families.flatMap((family) => noteLines(family, plan)), ...ipvsNotes];
  if (isEmptyPlan(plan)) return text([...notes, 'No changes. The node has these rules.']);
  const parts = [
    ...plan.families.map((family) => familyLines(family, summaries, plan, options)),
    plan.ipvs === undefined ? [] : ipvsPlanLines(plan.ipvs, options),
    nodeLines(plan, options.paint),
    ...(options.diff ? plan.families.map((family) => diffLines(family, plan, options.paint)) : []),
    options.diff && plan.ipvs !== undefined ? ipvsDiffLines(plan.ipvs, options.paint) : [],
    notes,
    planCounts(plan).map((line) => options.paint.strong(line)),
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .map(text)
    .join('\n');
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** With one family the counts at the end name it, and that is enough. */
function heading({ family }: FamilyPlan, { families }: Plan): readonly string[] {
  return families.length > 1 ? [`${familyName(family)}:`] : [];
}

function noteLines({ family, notes }: FamilyPlan, { families }: Plan): readonly string[] {
  return notes.map((note) => plainText(`note: ${families.length > 1 ? `${familyName(family)} ` : ''}${note}`));
}

function familyLines(
  family: FamilyPlan,
  summaries: readonly FamilySummary[],
  plan: Plan,
  options: PrintPlanOptions,
): readonly string[] {
  const items = summaries.find((summary) => summary.family === family.family)?.items ?? [];
  if (family.changes.length === 0) return [];
  const groups = (['service', 'chain', 'jumps'] as const).map((kind) => items.filter((item) => item.kind === kind));
  return [...heading(family, plan), ...groups.flatMap((group) => groupLines(withNewTogether(group, options), options))];
}

/** A fresh node gets a dozen chains of which there is nothing to tell but their names. */
function withNewTogether(items: readonly SummaryItem[], { verbose }: PrintPlanOptions): readonly SummaryItem[] {
  const added = items.filter(({ kind, change }) => kind === 'chain' && change === 'add');
  if (verbose || added.length <= 3) return items;
  const details = [added.map(({ name }) => name).join(', ')];
  const chains = added.flatMap((item) => item.chains);
  const together: SummaryItem = { kind: 'chain', change: 'add', name: 'chains of all Services', details, chains };
  return [together, ...items.filter((item) => !added.includes(item))];
}

/** How many Services, chains or built-in chains are told of one by one. */
const SHOWN = 40;

function groupLines(items: readonly SummaryItem[], { verbose, paint }: PrintPlanOptions): readonly string[] {
  const shown = verbose || items.length <= SHOWN ? items : items.slice(0, SHOWN);
  const rest = items.slice(shown.length);
  const folded = rest.length === 0 ? [] : [paint.faint(`  ... and ${restText(rest)} (-v shows all)`)];
  return [...shown.map((item) => itemLine(item, paint)), ...folded];
}

const SIGNS: Readonly<Record<SummaryItem['change'], ChangeSign>> = { add: '+', remove: '-', change: '~' };
const NOUNS: Readonly<Record<SummaryItem['kind'], string>> = {
  service: 'service port',
  chain: 'chain',
  jumps: 'built-in chain',
};

/** `960 more service ports: 950 new, 10 changed` */
function restText(rest: readonly SummaryItem[]): string {
  const count = (change: SummaryItem['change'], word: string): readonly string[] => {
    const { length } = rest.filter((item) => item.change === change);
    return length === 0 ? [] : [`${length} ${word}`];
  };
  const noun = NOUNS[rest[0]?.kind ?? 'service'];
  const counts = [...count('add', 'new'), ...count('change', 'changed'), ...count('remove', 'removed')];
  return `${rest.length} more ${noun}${rest.length === 1 ? '' : 's'}: ${counts.join(', ')}`;
}

function itemLine({ change, name, details }: SummaryItem, paint: Paint): string {
  const sign = SIGNS[change];
  return `  ${paint.change(sign, sign)} ${paint.strong(plainText(name))}: ${plainText(details.join(', '))}`;
}

function nodeLines({ sysctls, nfacct }: Plan, paint: Paint): readonly string[] {
  return [
    ...sysctls.map(
      ({ key, previous, next, reason }) =>
        `  ${paint.change('~', '~')} ${plainText(`${key} = ${previous} -> ${next}: ${reason}`)}`,
    ),
    ...nfacct.map((name) => `  ${paint.change('+', '+')} ${plainText(`nfacct ${name}`)}`),
  ];
}

function diffLines(family: FamilyPlan, plan: Plan, paint: Paint): readonly string[] {
  const lines = family.changes.flatMap((change) => chainDiff(change, paint));
  return lines.length === 0 ? [] : [...heading(family, plan), ...lines];
}
