import { lintRules } from '../../core/analyze/lint/lint-rules.ts';
import { codes } from '../../core/diag/codes.ts';
import { sortedBy } from '../../core/util/order.ts';
import { isCode, type GlobalOptions } from '../options/global-options.ts';
import { unknownCodeAdvice } from '../options/unknown-code.ts';
import { paint, wantsColor, type Paint } from '../output/colors.ts';
import { printLintRule } from '../output/print-lint-rules.ts';
import { writeOut } from '../output/streams.ts';
import { wrapText } from '../output/wrap-text.ts';
import { UsageError } from '../usage-error.ts';

const WIDTH = 80;

/** One code, or the list of all. */
export async function runExplain(given: string | undefined, { color }: GlobalOptions): Promise<void> {
  const style = paint(wantsColor(color, process.stdout));
  await writeOut(given === undefined ? listCodes(style) : explainCode(given, style));
}

/** People copy the whole tag out of a message: `error[yaml-syntax]`. */
function explainCode(given: string, style: Paint): string {
  const code = (/^\w*\[(.*)\]:?$/.exec(given)?.[1] ?? given).toLowerCase();
  const rule = lintRules.find((one) => one.code === code);
  if (rule !== undefined) return printLintRule(rule, style);
  if (!isCode(code)) {
    const advice = unknownCodeAdvice(code, [...Object.keys(codes), ...lintRules.map((one) => one.code)]);
    throw new UsageError(`there is no code ${JSON.stringify(given)}`, advice);
  }
  const { severity, title, explanation } = codes[code];
  return `${style.severity(severity, `${severity}[${code}]`)} ${title}\n\n${wrapText(explanation, WIDTH)}`;
}

function listCodes(style: Paint): string {
  const all = [...Object.entries(codes).map(([code, info]) => ({ code, ...info })), ...lintRules];
  const width = Math.max(...all.map(({ code }) => code.length));
  const lines = sortedBy(all, ({ code }) => code).map(({ code, severity, title }) => {
    return `${code.padEnd(width)}  ${style.severity(severity, severity.padEnd('warning'.length))}  ${title}\n`;
  });
  return lines.join('');
}
