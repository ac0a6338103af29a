import { styleText } from 'node:util';
import type { Severity } from '../../core/diag/diagnostic.ts';

export type ColorChoice = 'auto' | 'always' | 'never';

export const colorChoices: readonly ColorChoice[] = ['auto', 'always', 'never'];

/** `auto`: on a terminal, unless NO_COLOR is set (https://no-color.org) or the terminal is dumb. */
export function wantsColor(choice: ColorChoice, stream: { readonly isTTY?: boolean }): boolean {
  if (choice !== 'auto') return choice === 'always';
  const { NO_COLOR, TERM } = process.env;
  return stream.isTTY === true && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb';
}

/** Commander prints usage errors and help before the options are parsed; they are to obey --color all the same. */
export function colorChoiceIn(args: readonly string[]): ColorChoice {
  for (const [i, arg] of args.entries()) {
    const value = arg === '--color' ? args[i + 1] : /^--color=(.*)$/.exec(arg)?.[1];
    const choice = colorChoices.find((c) => c === value);
    if (choice !== undefined) return choice;
  }
  return 'auto';
}

const SEVERITY_COLOR = { error: 'red', warning: 'yellow', info: 'cyan' } as const;

/** Something comes, goes or becomes different. */
export type ChangeSign = '+' | '-' | '~';

const SIGN_COLOR = { '+': 'green', '-': 'red', '~': 'yellow' } as const;

/** How parts of a report look; the texts are unchanged if `on` is false. */
export interface Paint {
  readonly severity: (severity: Severity, text: string) => string;
  readonly change: (sign: ChangeSign, text: string) => string;
  readonly faint: (text: string) => string;
  readonly strong: (text: string) => string;
}

export function paint(on: boolean): Paint {
  if (!on)
    return { severity: (_, text) => text, change: (_, text) => text, faint: (text) => text, strong: (text) => text };
  // The choice is made already; Node would look at standard output again.
  const style = (format: Parameters<typeof styleText>[0], text: string): string =>
    styleText(format, text, { validateStream: false });
  return {
    severity: (severity, text) => style(['bold', SEVERITY_COLOR[severity]], text),
    change: (sign, text) => style(SIGN_COLOR[sign], text),
    faint: (text) => style('dim', text),
    strong: (text) => style('bold', text),
  };
}
