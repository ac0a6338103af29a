import { countLines } from './part-locator.ts';

/** One document of a YAML stream. */
export interface YamlChunk {
  readonly text: string;
  /** The line of the file on which `text` starts, from 1. */
  readonly firstLine: number;
}

/** `%YAML 1.2` and such stand before the `---` of the document that they belong to. */
function onlyDirectives(text: string): boolean {
  return /^%/m.test(text) && /^(?:[ \t]*(?:#.*)?\r?\n|%.*\r?\n)*$/.test(text);
}

/**
 * Splits a stream before each line that begins with `---`, as kubectl does before it parses, and after each that begins with `...`.
 * YAML has it so too: not even in a block text may a line begin like this. Parsing documents one by one gives each its own line, and
 * a broken one does not stop the others.
 */
export function splitYaml(text: string): YamlChunk[] {
  const chunks: YamlChunk[] = [];
  const separator = /^(?:---(?=[ \t\r\n]|$(?![^]))|\.\.\.(?:[ \t\r][^\n]*)?(?:\n|$(?![^])))/gm;
  let start = 0;
  let firstLine = 1;
  const add = (end: number): void => {
    const chunk = text.slice(start, end);
    if (chunk === '' || (end < text.length && onlyDirectives(chunk))) return;
    chunks.push({ text: chunk, firstLine });
    firstLine += countLines(chunk);
    start = end;
  };
  for (const { index, 0: found } of text.matchAll(separator)) add(found.startsWith('.') ? index + found.length : index);
  add(text.length);
  return chunks;
}

/** The first line of a chunk that is neither blank, a comment nor a separator, counted from 0; undefined if there is none. */
export function firstContentLine(text: string): number | undefined {
  let line = 0;
  for (let at = 0; at < text.length; line += 1) {
    const newline = text.indexOf('\n', at);
    const end = newline === -1 ? text.length : newline;
    const content = text
      .slice(at, end)
      .replace(/^(?:---|\.\.\.)(?=\s|$)/, '')
      .trim();
    if (content !== '' && !content.startsWith('#') && !content.startsWith('%')) return line;
    at = end + 1;
  }
  return undefined;
}
