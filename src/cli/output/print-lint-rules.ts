import type { LintRule } from '../../core/analyze/lint/lint-rule.ts';
import type { Paint } from './colors.ts';
import { wrapText } from './wrap-text.ts';

const WIDTH = 80;

/** What a rule needs besides one dump. */
const NEEDS: { readonly [N in LintRule['needs']]: string } = {
  rules: '',
  'two-variants': ' (with dumps of both variants)',
  snapshot: ' (with -f)',
  conntrack: ' (with --conntrack)',
  ipvs: ' (with --ipvs)',
  'ipvs-and-sets': ' (with --ipvs and --ipset)',
};

/** One line for each. */
export function printLintRules(rules: readonly LintRule[], paint: Paint): string {
  const width = Math.max(...rules.map(({ code }) => code.length));
  const lines = rules.map(({ code, severity, title, needs }) => {
    const level = paint.severity(severity, severity.padEnd('warning'.length));
    return `${code.padEnd(width)}  ${level}  ${title}${paint.faint(NEEDS[needs])}\n`;
  });
  return lines.join('');
}

/** All that is known of one. */
export function printLintRule(
  { code, severity, title, holds, why, issues, fix, needs }: LintRule,
  paint: Paint,
): string {
  const head = `${paint.severity(severity, `${severity}[${code}]`)} ${title}${NEEDS[needs]}`;
  const seen = issues.length === 0 ? '' : `\n${wrapText(`Seen in: ${issues.join(', ')}`, WIDTH)}`;
  const parts = [`Must hold: ${holds}`, why, `To do: ${fix}`].map((part) => wrapText(part, WIDTH));
  return `${head}\n\n${parts.join('\n')}${seen}`;
}
