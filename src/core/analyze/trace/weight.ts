import type { Question } from './question.ts';
import { addShares, compareShares, multiplyShares, restOf, ALL, type Share } from './share.ts';

/** One answer to one open question. */
export interface Condition {
  readonly question: Question;
  readonly answer: boolean;
}

/** How likely something is, if all of the conditions hold. */
export interface Alternative {
  /** In the order in which they were asked. None: whatever the answers are. */
  readonly conditions: readonly Condition[];
  /** Undefined: there were too many conditions to keep apart; possible, more is not known. */
  readonly share: Share | undefined;
}

/** When something happens: the sum of its alternatives. For each set of answers to all questions, all weights of a trace add up to 1. */
export type Weight = readonly Alternative[];

export const CERTAIN: Weight = [{ conditions: [], share: ALL }];

/** Beyond this, conditions are no longer told. */
const MOST_ALTERNATIVES = 64;

const POSSIBLE: Weight = [{ conditions: [], share: undefined }];

function scale(weight: Weight, share: Share): Weight {
  return weight.map((one) => ({ ...one, share: one.share && multiplyShares(one.share, share) }));
}

/** The part where chance says yes, and the part where it says no; undefined for parts that cannot be. */
export function splitByChance(weight: Weight, chance: Share): readonly [Weight | undefined, Weight | undefined] {
  const rest = restOf(chance);
  return [chance.units === 0n ? undefined : scale(weight, chance), rest.units === 0n ? undefined : scale(weight, rest)];
}

/** The part where the answer is yes, and the part where it is no. Where the answer is known already, it is not asked again. */
export function splitByQuestion(weight: Weight, question: Question): readonly [Weight | undefined, Weight | undefined] {
  const [yes, no]: [Alternative[], Alternative[]] = [[], []];
  for (const one of weight) {
    const known = one.conditions.find((condition) => condition.question.key === question.key);
    const conditions = (answer: boolean): readonly Condition[] =>
      one.share === undefined ? one.conditions : [...one.conditions, { question, answer }];
    if (known?.answer !== false) yes.push(known === undefined ? { ...one, conditions: conditions(true) } : one);
    if (known?.answer !== true) no.push(known === undefined ? { ...one, conditions: conditions(false) } : one);
  }
  return [yes.length === 0 ? undefined : yes, no.length === 0 ? undefined : no];
}

/** `a` or `b`, which exclude each other. Answers that make no difference any more are forgotten. */
export function addWeights(a: Weight, b: Weight): Weight {
  const byKey = new Map<string, Alternative>();
  for (const one of [...a, ...b]) {
    if (one.share === undefined) return POSSIBLE;
    put(byKey, one);
  }
  simplify(byKey);
  return byKey.size > MOST_ALTERNATIVES ? POSSIBLE : [...byKey.values()];
}

function put(byKey: Map<string, Alternative>, one: Alternative): void {
  const key = keyOf(one.conditions);
  const before = byKey.get(key);
  const share = before?.share === undefined || one.share === undefined ? one.share : addShares(before.share, one.share);
  byKey.set(key, { conditions: one.conditions, share });
}

/** If A then 1/3, if not A then 1/3: that is 1/3. */
function simplify(byKey: Map<string, Alternative>): void {
  for (const [key, one] of byKey) {
    for (const condition of one.conditions) {
      const others = one.conditions.filter((other) => other !== condition);
      const twinKey = keyOf([...others, { ...condition, answer: !condition.answer }]);
      const twin = byKey.get(twinKey);
      if (twin?.share === undefined || one.share === undefined || compareShares(twin.share, one.share) !== 0) continue;
      byKey.delete(key);
      byKey.delete(twinKey);
      put(byKey, { conditions: others, share: one.share });
      simplify(byKey);
      return;
    }
  }
}

function keyOf(conditions: readonly Condition[]): string {
  return conditions
    .map(({ question, answer }) => `${answer ? '+' : '-'}${question.key}`)
    .sort()
    .join('\n');
}

/** The sum of the shares; undefined where it depends on answers. */
export function certainShare(weight: Weight): Share | undefined {
  const [only, ...more] = weight;
  return more.length === 0 && only?.conditions.length === 0 ? only.share : undefined;
}
