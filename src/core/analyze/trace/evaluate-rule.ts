import type { Match } from '../../ruleset/match.ts';
import type { RulesetRule } from '../../ruleset/ruleset.ts';
import type { Answer, Scene } from './answer.ts';
import type { Asker } from './assumptions.ts';
import type { Course } from './course.ts';
import { recentKey } from './matches/lists.ts';
import type { Place, Question } from './question.ts';
import { headAnswers, matchAnswers } from './rule-answers.ts';
import { multiplyShares, type Share } from './share.ts';
import { splitByChance, splitByQuestion, type Condition } from './weight.ts';

/** A course for which a rule has matched, and what that hung on. */
export interface Matched {
  readonly course: Course;
  readonly chance: Share | undefined;
  readonly conditions: readonly Condition[];
}

export interface Evaluated {
  readonly matched: readonly Matched[];
  /** Those that go on to the next rule. */
  readonly passed: readonly Course[];
}

/**
 * Whether a rule matches a packet: for all, some or none of the ways in which chance and unknown facts may turn out. Undefined if it
 * simply does not, as most rules do.
 */
export function evaluateRule(read: RulesetRule, chain: string, scene: Scene, asker: Asker): Evaluated | undefined {
  const { course } = scene;
  // What was read of such a rule must not be relied on: whether it matches is a part of what its target is asked.
  if (read.rule.leftover.length > 0) return { matched: [{ course, chance: undefined, conditions: [] }], passed: [] };
  const head = headAnswers(read.rule, scene);
  if (head === false) return undefined;
  const place: Place = { table: scene.table, chain, line: read.line, text: read.rule.text };
  const passed: Course[] = [];
  let current: readonly Matched[] = [{ course, chance: undefined, conditions: [] }];
  for (const answer of head) current = sift(current, answer, place, asker, passed);
  for (const match of read.rule.matches) {
    if (current.length === 0) break;
    for (const answer of matchAnswers(match, scene)) current = sift(current, answer, place, asker, passed);
    if (match.kind === 'recent') current = current.map((one) => remember(one, match, scene));
  }
  return { matched: current, passed };
}

/** Keeps those for which the answer is yes; the others go to `passed`. */
function sift(
  current: readonly Matched[],
  answer: Answer,
  place: Place,
  asker: Asker,
  passed: Course[],
): readonly Matched[] {
  if (answer === true) return current;
  if (answer === false) return pass(current, passed);
  if (answer.kind === 'chance') return current.flatMap((one) => byChance(one, answer.share, passed));
  const question: Question = { ...answer.question, place };
  const known = asker.ask(question);
  if (known === undefined) return current.flatMap((one) => byQuestion(one, question, answer.negated, passed));
  return known === answer.negated ? pass(current, passed) : current;
}

function pass(current: readonly Matched[], passed: Course[]): readonly Matched[] {
  for (const { course } of current) passed.push(course);
  return [];
}

function byChance(one: Matched, share: Share, passed: Course[]): readonly Matched[] {
  const [yes, no] = splitByChance(one.course.weight, share);
  if (no !== undefined) passed.push({ ...one.course, weight: no });
  if (yes === undefined) return [];
  if (no === undefined) return [one];
  const chance = one.chance === undefined ? share : multiplyShares(one.chance, share);
  return [{ ...one, course: { ...one.course, weight: yes }, chance }];
}

function byQuestion(one: Matched, question: Question, negated: boolean, passed: Course[]): readonly Matched[] {
  const [yes, no] = splitByQuestion(one.course.weight, question);
  const [matches, misses] = negated ? [no, yes] : [yes, no];
  if (misses !== undefined) passed.push({ ...one.course, weight: misses });
  if (matches === undefined) return [];
  const conditions = [...one.conditions, { question, answer: !negated }];
  return [{ ...one, course: { ...one.course, weight: matches }, conditions }];
}

/** xt_recent writes down an address even if a later match of the rule says no. */
function remember(one: Matched, match: Extract<Match, { readonly kind: 'recent' }>, scene: Scene): Matched {
  if (match.action !== 'set' && match.action !== 'remove') return one;
  const { course } = one;
  const facts = { ...course.facts, [recentKey(match, scene)]: match.action === 'set' };
  return { ...one, course: { ...course, facts } };
}
