import type { Difference, Undecided, VerifyResult } from '../../core/analyze/verify/difference.ts';
import type { IpFamily } from '../../core/model/ip.ts';
import type { Paint } from './colors.ts';
import { familyName } from './plan-counts.ts';
import { plainText } from './plain-text.ts';
import { actualText, expectedText, faultTitle, frontendText, packetText, ruleText } from './verify-words.ts';

export interface FamilyVerdict {
  readonly family: IpFamily;
  readonly result: VerifyResult;
}

export interface PrintVerifyOptions {
  /** Nothing folded, and the whole way of each example. */
  readonly verbose: boolean;
  readonly paint: Paint;
}

const SHOWN_DIFFERENCES = 20;
const SHOWN_SERVICES = 5;
const SHOWN_RULES = 3;

/** What was proved, or each difference with its example; one part for each family. */
export function printVerification(verdicts: readonly FamilyVerdict[], options: PrintVerifyOptions): string {
  return (
    verdicts.map((verdict) => familyLines(verdict, options).join('\n')).join('\n\n') + (verdicts.length > 0 ? '\n' : '')
  );
}

function familyLines({ family, result }: FamilyVerdict, options: PrintVerifyOptions): readonly string[] {
  const { differences, undecided, tolerated } = result;
  const shown = options.verbose ? differences : differences.slice(0, SHOWN_DIFFERENCES);
  const rest = differences.length - shown.length;
  return [
    options.paint.strong(`${familyName(family)}: ${headline(result)}`),
    `  ${measured(result)}`,
    ...shown.flatMap((difference, i) => differenceLines(difference, shown[i - 1], options)),
    ...(rest > 0 ? ['', `... and ${many(rest, 'more difference')} (-v shows all)`] : []),
    ...undecided.flatMap((doubt) => undecidedLines(doubt, options)),
    ...(tolerated.length > 0 ? ['', `ignored: ${many(tolerated.length, 'change')} by rules of others`] : []),
  ];
}

function headline({ verdict, differences, undecided }: VerifyResult): string {
  switch (verdict) {
    case 'proved':
      return 'proved: for every packet the rules do what the Services say';
    case 'refuted': {
      const open = undecided.length === 0 ? '' : `, and ${many(undecided.length, 'rule')} that cannot be decided`;
      return `refuted: ${many(differences.length, 'difference')}${open}`;
    }
    case 'undecided':
      return `cannot decide because of ${many(undecided.length, 'rule')}; for all other packets the rules do what the Services say`;
  }
}

function measured({ stats }: VerifyResult): string {
  const { rules, servicePorts, endpoints, points, regions, classes } = stats;
  return `${many(rules, 'rule')}; ${many(servicePorts, 'service port')} with ${many(endpoints, 'endpoint')}; ${many(points, 'frontend')} and ${many(regions, 'region')} of other addresses; ${many(classes, 'class', 'classes')} of packets decided`;
}

function many(count: number, noun: string, plural: string = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

function titleOf({ service, protocol }: Difference): string {
  return service === undefined ? 'packets of no Service' : plainText(`${service} (${protocol ?? ''})`);
}

function differenceLines(
  difference: Difference,
  before: Difference | undefined,
  options: PrintVerifyOptions,
): readonly string[] {
  const { frontend, packet, expected, actual, blame, otherServices } = difference;
  const title = titleOf(difference);
  const { paint, verbose } = options;
  const what = `${frontend === undefined ? '' : `${frontendText(frontend)}: `}${faultTitle(difference)}`;
  const field = (name: string, text: string): string => `    ${paint.faint(name.padEnd(9))} ${text}`;
  const others = otherServices.slice(0, verbose ? Infinity : SHOWN_SERVICES);
  const more = otherServices.length - others.length;
  return [
    '',
    ...(before !== undefined && titleOf(before) === title ? [] : [paint.strong(title)]),
    `  ${paint.severity('error', what)}`,
    field('packet', packetText(packet)),
    field('expected', expectedText(expected, verbose)),
    field('happens', actualText(actual, verbose, isExpected(expected))),
    ...blame.slice(0, verbose ? Infinity : SHOWN_RULES).map((rule, i) => field(i === 0 ? 'rule' : '', ruleText(rule))),
    ...(others.length === 0
      ? []
      : [field('also', plainText(`${others.join(', ')}${more > 0 ? ` and ${more} more` : ''}`))]),
    ...(verbose ? pathLines(difference) : []),
  ];
}

function isExpected(expected: Difference['expected']): (outcome: Difference['actual'][number]) => boolean {
  if (expected.kind !== 'endpoints') return () => true;
  const right = new Set(expected.endpoints.map(({ endpoint, masquerade }) => `${endpoint} ${masquerade}`));
  return ({ endpoint, source, verdict }) =>
    verdict === 'accept' && right.has(`${endpoint ?? ''} ${source !== undefined}`);
}

function pathLines({ actual }: Difference): readonly string[] {
  const [first] = actual;
  return (first?.path ?? []).map((rule, i) => `    ${(i === 0 ? 'way' : '').padEnd(9)} ${ruleText(rule)}`);
}

function undecidedLines(
  { rule, reason, services, others, packet }: Undecided,
  { paint, verbose }: PrintVerifyOptions,
): readonly string[] {
  const shown = services.slice(0, verbose ? Infinity : SHOWN_SERVICES);
  const more = services.length - shown.length;
  const affected = [
    ...(shown.length === 0 ? [] : [`${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`]),
    ...(others ? ['packets of no Service'] : []),
  ];
  return [
    '',
    paint.severity('warning', `cannot decide: ${plainText(reason)}`),
    ...(rule === undefined ? [] : [`    ${paint.faint('rule     ')} ${ruleText(rule)}`]),
    `    ${paint.faint('affects  ')} ${plainText(affected.join('; '))}`,
    ...(packet === undefined ? [] : [`    ${paint.faint('packet   ')} ${packetText(packet)}`]),
  ];
}
