import type { Step } from '../../core/analyze/trace/course.ts';
import { isRedirected, type TraceOutcome } from '../../core/analyze/trace/outcomes.ts';
import { fateText, hairpinText, sourceText } from './trace-texts.ts';

/** Outcomes that differ in the endpoint alone: what they have in common is told once. */
export interface OutcomeGroup {
  readonly outcomes: readonly TraceOutcome[];
  /** What all of them do behind the choice. */
  readonly after: readonly Step[];
}

export interface GroupedOutcomes {
  /** What all outcomes have in common at the beginning. */
  readonly before: readonly Step[];
  /** In the order of their first outcomes. */
  readonly groups: readonly OutcomeGroup[];
}

export function groupOutcomes(outcomes: readonly TraceOutcome[]): GroupedOutcomes {
  const before = commonStart(outcomes.map(({ steps }) => steps));
  const groups = new Map<string, TraceOutcome[]>();
  for (const outcome of outcomes) {
    const key = groupKey(outcome);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [outcome]);
    else group.push(outcome);
  }
  return {
    before,
    groups: [...groups.values()].map((group) => {
      const rests = group.map(({ steps }) => steps.slice(before.length).reverse());
      return { outcomes: group, after: commonStart(rests).toReversed() };
    }),
  };
}

/** Steps of one outcome between the two common parts. */
export function ownSteps({ steps }: TraceOutcome, before: readonly Step[], after: readonly Step[]): readonly Step[] {
  return steps.slice(before.length, steps.length - after.length);
}

/** Endpoints of one choice belong together; other ends do if the same rule decided. */
function groupKey(outcome: TraceOutcome): string {
  const { fate, mark, needsRouteLocalnet, steps } = outcome;
  const isTranslated = isRedirected(outcome) && 'address' in fate;
  const end = isTranslated ? [fate.kind] : [fateText(outcome), steps.at(-1)?.rule?.line];
  return JSON.stringify([end, sourceText(outcome), hairpinText(outcome), mark, needsRouteLocalnet]);
}

function commonStart(lists: readonly (readonly Step[])[]): readonly Step[] {
  const [first = [], ...others] = lists;
  let length = first.length;
  for (const list of others) {
    let same = 0;
    while (same < length && same < list.length && isSame(first[same], list[same])) same += 1;
    length = same;
  }
  return first.slice(0, length);
}

function isSame(a: Step | undefined, b: Step | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  const { rule, effect, hook, table, chain } = a;
  if (rule !== b.rule || hook !== b.hook || table !== b.table || chain !== b.chain || effect.kind !== b.effect.kind)
    return false;
  return (
    JSON.stringify(effect, plain) === JSON.stringify(b.effect, plain) && a.conditions.length === b.conditions.length
  );
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
