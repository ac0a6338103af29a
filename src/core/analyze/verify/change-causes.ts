import { compareStrings } from '../../util/order.ts';
import { blamed, rulesOn } from './blame.ts';
import type { BlamedRule } from './difference.ts';
import type { Outcome } from './outcome.ts';
import type { RuleProgram } from './rule-program.ts';
import type { ChangeKind } from './ruleset-difference.ts';

/** All that differs between the outcomes of one packet in two rule sets; never empty. */
export function changeKinds(before: readonly Outcome[], after: readonly Outcome[]): readonly ChangeKind[] {
  const part = (outcomes: readonly Outcome[], of: (outcome: Outcome) => string): string =>
    [...new Set(outcomes.map(of))].sort(compareStrings).join(' | ');
  const differs = (of: (outcome: Outcome) => string): boolean => part(before, of) !== part(after, of);
  const kinds: ChangeKind[] = [];
  if (differs(({ verdict }) => verdict)) kinds.push('verdict');
  else if (differs(({ translation }) => translation ?? '')) kinds.push('endpoints');
  const [left, right] = [alikeIn(before, after), alikeIn(after, before)];
  const onCommonWays = (of: (outcome: Outcome) => string): boolean => part(left, of) !== part(right, of);
  if (onCommonWays((outcome) => `${wayOf(outcome)} ${outcome.source ?? ''}`)) kinds.push('source');
  if (kinds.length > 0) return kinds;
  return onCommonWays((o) => `${wayOf(o)} ${o.mark} ${o.remembered.join()}`) ? ['traces'] : ['shares'];
}

function wayOf({ verdict, translation }: Outcome): string {
  return `${verdict} ${translation ?? ''}`;
}

/** Those whose verdict and endpoint the others have too. */
function alikeIn(these: readonly Outcome[], others: readonly Outcome[]): readonly Outcome[] {
  const ways = new Set(others.map(wayOf));
  return these.filter((outcome) => ways.has(wayOf(outcome)));
}

/** A Service's name at the beginning of a comment of kube-proxy's. */
const NAME = /^([a-z0-9-]+\/[a-z0-9.-]+(?::[a-z0-9-]*)?)(?: |$)/;

/** The Service that the rules on the way are for, by their comments. */
export function serviceOf(outcomes: readonly Outcome[]): string | undefined {
  for (const { paths } of outcomes) {
    for (const { read, owner } of rulesOn(paths)) {
      for (const match of owner === 'kube' ? read.rule.matches : []) {
        const name = match.kind === 'comment' ? NAME.exec(match.text)?.[1] : undefined;
        if (name !== undefined) return name.replace(/:$/, '');
      }
    }
  }
  return undefined;
}

const SHOWN_RULES = 6;

export interface OneSided {
  /** The rules that matched on one side alone. */
  readonly all: readonly BlamedRule[];
  /** Those of them that the other side does not have at all. */
  readonly missing: readonly BlamedRule[];
}

export function onlyIn(
  these: readonly Outcome[],
  others: readonly Outcome[],
  otherTexts: ReadonlySet<string>,
): OneSided {
  const textOf = ({ table, read }: RuleProgram): string => `${table} ${read.rule.text}`;
  const known = new Set(others.flatMap(({ paths }) => rulesOn(paths).map(textOf)));
  const found = new Map<number, RuleProgram>();
  for (const { paths } of these)
    for (const rule of rulesOn(paths)) if (!known.has(textOf(rule))) found.set(rule.id, rule);
  const all = [...found.values()];
  const shown = (rules: readonly RuleProgram[]): readonly BlamedRule[] => rules.slice(0, SHOWN_RULES).map(blamed);
  return { all: shown(all), missing: shown(all.filter((rule) => !otherTexts.has(textOf(rule)))) };
}

/** Rules that one side does not have explain more than rules that only another way leads to. */
export function causes(before: OneSided, after: OneSided): readonly [readonly BlamedRule[], readonly BlamedRule[]] {
  const explained = before.missing.length + after.missing.length > 0;
  return explained ? [before.missing, after.missing] : [before.all, after.all];
}
