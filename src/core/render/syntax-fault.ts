import { diagnose, type Diagnostic } from '../diag/diagnostic.ts';
import { excerptOf } from '../diag/source-location.ts';
import type { TemplateFile } from './template-set.ts';

/** Handlebars' parser puts the line into the first line of its message; some errors carry a position instead. */
export function syntaxFault(error: unknown, { text, file }: TemplateFile): Diagnostic {
  const message = error instanceof Error ? error.message : String(error);
  const line = Number(/line (\d+)/.exec(message)?.[1] ?? /- (\d+):\d+$/.exec(message)?.[1] ?? 1);
  const column = Number(/- \d+:(\d+)$/.exec(message)?.[1] ?? quotedColumn(message, text, line)) + 1;
  const location = { file, line, column, excerpt: excerptOf(text, line, column) };
  return diagnose('template-syntax', { message: plainWords(message, text), location });
}

/** What the usual messages of Handlebars 4.7 mean: it lists the names of the tokens of its grammar that could have followed. */
function plainWords(message: string, text: string): string {
  const [, opened, closed] = /^(\S+) doesn't match (\S+) - /.exec(message) ?? [];
  if (opened !== undefined) return `the block {{#${opened}}} is closed by {{/${closed}}}`;
  if (message.startsWith('Lexical error')) return 'a comment {{!-- that no --}} ends';
  const got = /, got '(\w+)'$/.exec(message)?.[1];
  const expected = message.slice(message.lastIndexOf('Expecting'));
  const reason = got === undefined ? undefined : REASONS[got];
  return reason?.(expected, text) ?? message.split('\n').at(-1) ?? message;
}

const REASONS: Readonly<Record<string, (expected: string, text: string) => string>> = {
  EOF: (expected, text) => (/ENDBLOCK|'CONTENT'/.test(expected) ? unclosedBlock(text) : 'a {{ that no }} closes'),
  CLOSE_UNESCAPED: () => 'more closing braces than opening ones',
  CLOSE_RAW_BLOCK: () => 'more closing braces than opening ones',
  CLOSE: (expected) =>
    expected.includes("'CLOSE_UNESCAPED'") ? 'fewer closing braces than opening ones' : 'a name is missing before }}',
  OPEN_ENDBLOCK: () => 'this closes a block that is not open; blocks begin with {{#',
  INVERSE: () => 'this {{else}} belongs to no block, or the block has one already',
  INVALID: () => 'a character that no field name has; is a brace missing?',
};

/** Which block the end of the text leaves open. Comments may hold braces, so they go first. */
function unclosedBlock(text: string): string {
  const open: { readonly name: string; readonly line: number }[] = [];
  const blank = text.replace(/\{\{~?!--[^]*?--~?\}\}/g, (comment) => comment.replace(/[^\n]/g, ' '));
  for (const { 1: sign, 2: name = '', index } of blank.matchAll(/\{\{~?([#/])\s*([\w-]*)/g)) {
    if (sign === '/') open.pop();
    else open.push({ name, line: blank.slice(0, index).split('\n').length });
  }
  const last = open.at(-1);
  if (last === undefined) return 'a block that is not closed';
  return `the block {{#${last.name}}} of line ${last.line} is not closed; {{/${last.name}}} is missing`;
}

/**
 * The parser quotes up to twenty characters before and after the fault, without line ends, and draws `-----^` under it. The column, from
 * 0, is where the text reads so; 0 if it is not found.
 */
function quotedColumn(message: string, text: string, line: number): number {
  const lines = message.split('\n');
  const caret = lines.findIndex((l) => /^-*\^$/.test(l));
  const quote = lines[caret - 1] ?? '';
  const at = (lines[caret]?.length ?? 1) - 1;
  const before = quote.slice(0, at).replace(/^\.\.\./, '');
  const after = quote.slice(at).replace(/\.\.\.$/, '');
  const textLines = text.split('\n');
  const start = textLines.slice(0, line - 1).reduce((n, l) => n + l.length + 1, 0);
  for (let column = 0; column <= (textLines[line - 1] ?? '').length; column++) {
    const offset = start + column;
    const fits =
      text.slice(0, offset).replaceAll('\n', '').endsWith(before) &&
      text.slice(offset).replaceAll('\n', '').startsWith(after);
    if (fits) return column;
  }
  return 0;
}
