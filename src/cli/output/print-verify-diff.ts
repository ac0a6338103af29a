import type { BlamedRule } from '../../core/analyze/verify/difference.ts';
import type { ChangeKind, CompareResult, RulesetDifference } from '../../core/analyze/verify/ruleset-difference.ts';
import type { IpFamily } from '../../core/model/ip.ts';
import type { Paint } from './colors.ts';
import { plainText } from './plain-text.ts';
import { familyName } from './plan-counts.ts';
import { outcomeData } from './print-verify-data.ts';
import { actualText, outcomeText, packetText, ruleText } from './verify-words.ts';

export interface FamilyComparison {
  readonly family: IpFamily;
  readonly result: CompareResult;
}

export interface PrintComparisonOptions {
  readonly verbose: boolean;
  readonly paint: Paint;
  /** Of both sides. */
  readonly names: readonly [string, string];
}

const TITLES: { readonly [K in ChangeKind]: string } = {
  endpoints: 'goes elsewhere',
  shares: 'endpoints have other chances',
  source: 'is masqueraded in another way',
  verdict: 'is let through on one side only, or refused in another way',
  traces: 'leaves other marks, or is remembered otherwise',
};

const SHOWN = 20;
const SHOWN_RULES = 3;

export function printComparison(comparisons: readonly FamilyComparison[], options: PrintComparisonOptions): string {
  return (
    comparisons.map((one) => familyLines(one, options).join('\n')).join('\n\n') + (comparisons.length > 0 ? '\n' : '')
  );
}

function familyLines({ family, result }: FamilyComparison, options: PrintComparisonOptions): readonly string[] {
  const { differences, undecided, stats } = result;
  const shown = options.verbose ? differences : differences.slice(0, SHOWN);
  const rest = differences.length - shown.length;
  return [
    options.paint.strong(`${familyName(family)}: ${headline(result)}`),
    `  ${many(stats.rulesBefore, 'rule')} and ${many(stats.rulesAfter, 'rule')}; ${many(stats.classes, 'class', 'classes')} of packets decided`,
    ...shown.flatMap((difference, i) => differenceLines(difference, shown[i - 1], options)),
    ...(rest > 0 ? ['', `... and ${many(rest, 'more difference')} (-v shows all)`] : []),
    ...undecided.flatMap(({ rule, reason, packet }) => [
      '',
      options.paint.severity('warning', `cannot decide: ${plainText(reason)}`),
      ...(rule === undefined ? [] : [`    rule      ${ruleText(rule)}`]),
      ...(packet === undefined ? [] : [`    packet    ${packetText(packet)}`]),
    ]),
  ];
}

function headline({ verdict, differences, undecided }: CompareResult): string {
  if (verdict === 'same') return 'the same: both do the same to every packet';
  if (verdict === 'different') return many(differences.length, 'difference');
  return `cannot decide because of ${many(undecided.length, 'rule')}; to all other packets both do the same`;
}

function many(count: number, noun: string, plural: string = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

function differenceLines(
  { service, kind, packet, before, after, rulesBefore, rulesAfter }: RulesetDifference,
  previous: RulesetDifference | undefined,
  { paint, verbose }: PrintComparisonOptions,
): readonly string[] {
  const title = plainText(service ?? 'packets of no Service');
  const same = previous !== undefined && (previous.service ?? '') === (service ?? '');
  const field = (name: string, text: string): string => `    ${paint.faint(name.padEnd(9))} ${text}`;
  const rules = (sign: '-' | '+', list: readonly BlamedRule[]): readonly string[] =>
    list
      .slice(0, verbose ? Infinity : SHOWN_RULES)
      .map((rule) => `    ${paint.change(sign, `${sign} ${ruleText(rule)}`)}`);
  return [
    '',
    ...(same ? [] : [paint.strong(title)]),
    `  ${paint.severity('error', TITLES[kind])}`,
    field('packet', packetText(packet)),
    field('before', actualText(before, verbose, isIn(after))),
    field('after', actualText(after, verbose, isIn(before))),
    ...rules('-', rulesBefore),
    ...rules('+', rulesAfter),
  ];
}

function isIn(others: RulesetDifference['before']): (outcome: RulesetDifference['before'][number]) => boolean {
  const known = new Set(others.map(outcomeText));
  return (outcome) => known.has(outcomeText(outcome));
}

/** What `-o json` prints. */
export function comparisonData(comparisons: readonly FamilyComparison[]): object {
  return {
    families: comparisons.map(({ family, result }) => ({
      family,
      verdict: result.verdict,
      differences: result.differences.map(({ before, after, ...rest }) => ({
        ...rest,
        before: before.map(outcomeData),
        after: after.map(outcomeData),
      })),
      undecided: result.undecided,
      stats: result.stats,
    })),
  };
}
