import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import type { DiagnosticCode } from '../../diag/codes.ts';
import { excerptOfLine } from '../../diag/source-location.ts';
import type { ForeignFormat } from './wrong-format.ts';

/** A line of the dump, as it is there. */
export interface TextLine {
  readonly text: string;
  /** From 1. */
  readonly number: number;
}

/** Of one code; what comes after is counted. */
const MOST = 50;

interface Passed {
  readonly first: TextLine;
  count: number;
}

/** Collects what is to be said about a dump. What can occur on every line is said once, or counted from some number on. */
export class SaveReport {
  readonly #file: string;
  readonly #diagnostics: Diagnostic[] = [];
  readonly #counts = new Map<DiagnosticCode, number>();
  readonly #passed = new Map<'dump-other-text' | 'dump-elided' | 'dump-quoted', Passed>();
  #format: { readonly format: ForeignFormat; readonly line: TextLine } | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  say(code: DiagnosticCode, line: TextLine, message: string, details: { column?: number; hint?: string } = {}): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count > MOST) return;
    const { column = 1, hint } = details;
    const excerpt = excerptOfLine(line.text, line.number, column);
    this.#diagnostics.push(
      diagnose(code, { message, location: { file: this.#file, line: line.number, column, excerpt }, hint }),
    );
  }

  /** A line that was passed over, or changed before it was read; all of one kind become one message. */
  pass(code: 'dump-other-text' | 'dump-elided' | 'dump-quoted', line: TextLine): void {
    const passed = this.#passed.get(code);
    if (passed === undefined) this.#passed.set(code, { first: line, count: 1 });
    else passed.count += 1;
  }

  foreign(format: ForeignFormat, line: TextLine): void {
    this.#format ??= { format, line };
  }

  /** @param found whether anything was read at all */
  finish(found: boolean): readonly Diagnostic[] {
    if (!found) return [this.#nothing()];
    for (const [code, { first, count }] of this.#passed) this.say(code, first, PASSED[code](count));
    for (const [code, count] of this.#counts) {
      if (count <= MOST) continue;
      const message = `${count - MOST} more of the kind`;
      this.#diagnostics.push(diagnose(code, { message, location: { file: this.#file } }));
    }
    return this.#diagnostics;
  }

  #nothing(): Diagnostic {
    if (this.#format === undefined) {
      const hint = 'take the rules with iptables-save as root';
      return diagnose('dump-empty', { message: 'no table, chain or rule in it', location: { file: this.#file }, hint });
    }
    const { format, line } = this.#format;
    const excerpt = excerptOfLine(line.text, line.number, 1);
    return diagnose('dump-wrong-format', {
      message: `this is ${format.what}, not a dump of iptables-save`,
      location: { file: this.#file, line: line.number, column: 1, excerpt },
      hint: format.hint,
    });
  }
}

function lines(count: number): string {
  return count === 1 ? 'a line' : `${count} lines`;
}

const PASSED = {
  'dump-other-text': (count: number) =>
    `${lines(count)} here and below ${count === 1 ? 'is' : 'are'} no part of a dump, and passed over`,
  'dump-elided': (count: number) => `"..." stands where lines were${count === 1 ? '' : `, in ${count} places`}`,
  'dump-quoted': (count: number) =>
    `${lines(count)} from here on ${count === 1 ? 'begins' : 'begin'} with ">", and ${count === 1 ? 'is' : 'are'} read without it`,
} as const;

/** The beginning of a line, quoted. */
export function shortened(content: string): string {
  return JSON.stringify(content.length > 60 ? `${content.slice(0, 60)}…` : content);
}
