/** A place in a text that a person gave us. Lines and columns count from 1, columns in UTF-16 units. */
export interface SourceLocation {
  /** The file's path as it was given, or `<stdin>`. */
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** The line in question with a caret under the column, one or more text lines without a final newline. */
  readonly excerpt?: string;
}

/** The way to a part of a document: names of fields, and numbers (from 0) in lists. */
export type FieldPath = readonly (string | number)[];

/** `spec.ports[0].port` */
export function printPath(path: FieldPath): string {
  return path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`)).join('');
}

/** Where a document starts and, where its reader can tell, where its parts do. */
export interface DocumentLocation extends SourceLocation {
  /**
   * The place of a part, or of the nearest thing around it that is there. Walks over the text, tens of megabytes perhaps: to be asked
   * for a message only.
   */
  readonly locate?: (path: FieldPath) => SourceLocation;
}

/** The place of a part of a document; the start of the document where nothing better is known. */
export function locatePart(document: DocumentLocation | undefined, path: FieldPath): SourceLocation | undefined {
  if (document === undefined) return undefined;
  const { locate, ...start } = document;
  return locate === undefined || path.length === 0 ? start : locate(path);
}

/** `file:line:column`, as far as it is known; terminals and editors make it a link. */
export function printLocation(location: SourceLocation): string {
  const { file, line, column } = location;
  if (line === undefined) return file;
  return column === undefined ? `${file}:${line}` : `${file}:${line}:${column}`;
}

const EXCERPT_WIDTH = 100;

/** The line of `text` with its number and a caret; long lines are cut around the column. */
export function excerptOf(text: string, line: number, column: number): string {
  return excerptOfLine(text.split('\n')[line - 1] ?? '', line, column);
}

/** The same, where the line is at hand: long texts need not be taken apart for it. */
export function excerptOfLine(lineText: string, line: number, column: number): string {
  const content = lineText.replace(/\r?\n?$/, '').replaceAll('\t', ' ');
  const start = Math.max(0, Math.min(column - 1 - EXCERPT_WIDTH / 2, content.length - EXCERPT_WIDTH));
  const cut = content.slice(start, start + EXCERPT_WIDTH);
  const gutter = `${line} | `;
  return `${gutter}${cut}\n${' '.repeat(gutter.length + Math.max(0, column - 1 - start))}^`;
}

/** Line and column, both from 1, of an offset in a text. */
export function positionAt(text: string, offset: number): { readonly line: number; readonly column: number } {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line += 1;
    start = at + 1;
  }
  return { line, column: offset - start + 1 };
}
