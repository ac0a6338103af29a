import { scanText, skipSpace } from './json-tokens.ts';
import { countLines, type Part } from './part-locator.ts';

/** A value in a text that JSON.parse has read. */
export interface JsonPart extends Part {
  readonly text: string;
  readonly at: number;
  /** Where `line` was counted: at the name of a field, which may stand on an earlier line than its value. */
  readonly countedAt: number;
}

/** The values directly inside an object or an array. A name given twice means its last value, as for JSON.parse. */
export function jsonPartsOf(outer: JsonPart): ReadonlyMap<string | number, JsonPart> {
  const { text } = outer;
  const parts = new Map<string | number, JsonPart>();
  const isObject = text[outer.at] === '{';
  if (!isObject && text[outer.at] !== '[') return parts;
  let { line, countedAt } = outer;
  for (let at = skipSpace(text, outer.at + 1); !isClosing(text, at);) {
    line += countLines(text, countedAt, at);
    countedAt = at;
    const name = isObject ? nameAt(text, at) : { name: parts.size, value: at };
    parts.set(name.name, { text, at: name.value, line, countedAt });
    const end = skipSpace(text, endOfValue(text, name.value));
    at = text[end] === ',' ? skipSpace(text, end + 1) : end;
  }
  return parts;
}

function isClosing(text: string, at: number): boolean {
  return at >= text.length || text[at] === '}' || text[at] === ']';
}

function nameAt(text: string, at: number): { readonly name: string; readonly value: number } {
  const end = scanText(text, at) ?? text.length;
  const name: unknown = JSON.parse(text.slice(at, end));
  return { name: String(name), value: skipSpace(text, skipSpace(text, end) + 1) };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Only for text that is known to be JSON; ten times faster than looking for faults as well. */
function endOfValue(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      at = closingQuote(text, at);
      if (depth === 0) return at + 1;
    } else if (char === 0x7b || char === 0x5b) depth += 1;
    else if (char === 0x7d || char === 0x5d) {
      depth -= 1;
      // Below zero it is the end of what a number, true, false or null stands in.
      if (depth <= 0) return depth === 0 ? at + 1 : at;
    } else if (char === 0x2c && depth === 0) return at;
  }
  return text.length;
}

function closingQuote(text: string, opening: number): number {
  let at = opening + 1;
  for (let char = text.charCodeAt(at); char !== QUOTE && at < text.length; char = text.charCodeAt(at)) {
    at += char === BACKSLASH ? 2 : 1;
  }
  return at;
}
