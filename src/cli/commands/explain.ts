import { codes } from '../../core/diag/codes.ts';
import { compareStrings } from '../../core/util/order.ts';
import { isCode, type GlobalOptions } from '../options/global-options.ts';
import { unknownCodeAdvice } from '../options/unknown-code.ts';
import { paint, wantsColor, type Paint } from '../output/colors.ts';
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
  if (!isCode(code)) throw new UsageError(`there is no code ${JSON.stringify(given)}`, unknownCodeAdvice(code));
  const { severity, title, explanation } = codes[code];
  return `${style.severity(severity, `${severity}[${code}]`)} ${title}\n\n${wrapText(explanation, WIDTH)}`;
}

function listCodes(style: Paint): string {
  const entries = Object.entries(codes).toSorted(([a], [b]) => compareStrings(a, b));
  const width = Math.max(...entries.map(([code]) => code.length));
  const lines = entries.map(([code, { severity, title }]) => {
    return `${code.padEnd(width)}  ${style.severity(severity, severity.padEnd('warning'.length))}  ${title}\n`;
  });
  return lines.join('');
}
