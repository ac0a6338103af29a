import { nextToken, scanScalar, scanText, skipSpace } from './json-tokens.ts';

/**
 * Walks over one JSON value without building it: finds where it ends (so that several in a row can be told apart) and where exactly
 * it is wrong. The messages of JSON.parse give no place for half of the errors, and differ between versions of Node.
 */
export type JsonScan = { readonly end: number } | JsonFault;

export interface JsonFault {
  /** Where it is wrong. */
  readonly at: number;
  readonly reason: string;
  /** The text ends inside a value that is right so far. */
  readonly truncated: boolean;
}

interface Open {
  readonly close: '}' | ']';
  readonly at: number;
}

function fault(at: number, reason: string): JsonFault {
  return { at, reason, truncated: false };
}

/** The value starts at `from`, or after space. */
export function scanJson(text: string, from: number): JsonScan {
  const stack: Open[] = [];
  let at = skipSpace(text, from);
  let step: 'value' | 'after' = 'value';
  for (;;) {
    const found: Step = step === 'value' ? scanValue(text, at, stack) : scanAfter(text, at, stack);
    if ('at' in found) return found;
    at = found.next;
    step = found.step;
    if (step === 'after' && stack.length === 0) return { end: at };
    at = skipSpace(text, at);
  }
}

type Step = { readonly next: number; readonly step: 'value' | 'after' } | JsonFault;

function scanValue(text: string, at: number, stack: Open[]): Step {
  const char = text[at];
  if (char === undefined) return endsEarly(text, stack);
  if (char !== '{' && char !== '[') {
    const end = char === '"' ? scanText(text, at) : scanScalar(text, at);
    if (end !== undefined) return { next: end, step: 'after' };
    return char === '"' ? badText(text, at, stack) : badScalar(text, at, stack);
  }
  const open: Open = { close: char === '{' ? '}' : ']', at };
  stack.push(open);
  const next = skipSpace(text, at + 1);
  if (text[next] === open.close) {
    stack.pop();
    return { next: next + 1, step: 'after' };
  }
  return open.close === '}' ? scanKey(text, next, stack) : { next, step: 'value' };
}

function scanAfter(text: string, at: number, stack: Open[]): Step {
  const open = stack.at(-1);
  const char = text[at];
  if (open === undefined || char === undefined) return endsEarly(text, stack);
  if (char === open.close) {
    stack.pop();
    return { next: at + 1, step: 'after' };
  }
  if (char !== ',') return fault(at, `expected "," or "${open.close}", found ${nextToken(text, at)}`);
  const next = skipSpace(text, at + 1);
  if (text[next] === open.close) return fault(at, `a comma before "${open.close}"`);
  return open.close === '}' ? scanKey(text, next, stack) : { next, step: 'value' };
}

function scanKey(text: string, at: number, stack: readonly Open[]): Step {
  if (at >= text.length) return endsEarly(text, stack);
  if (text[at] !== '"') return fault(at, `expected a key in double quotes, found ${nextToken(text, at)}`);
  const end = scanText(text, at);
  if (end === undefined) return badText(text, at, stack);
  const colon = skipSpace(text, end);
  if (colon >= text.length) return endsEarly(text, stack);
  if (text[colon] !== ':') return fault(colon, `expected ":" after the key, found ${nextToken(text, colon)}`);
  return { next: skipSpace(text, colon + 1), step: 'value' };
}

/** A quote is not closed on its line: either the text ends there, or the quote was forgotten. */
function badText(text: string, at: number, stack: readonly Open[]): JsonFault {
  const stop = /["\\]|[\u0000-\u001f]/g;
  stop.lastIndex = at + 1;
  for (let found = stop.exec(text); found !== null; found = stop.exec(text)) {
    const [char] = found;
    if (char === '\n' || char === '\r') return fault(at, 'a text whose closing quote is missing');
    if (char !== '\\') return fault(found.index, 'a control character inside a text');
    const escape = text.slice(found.index + 1, found.index + 6);
    if (!/^(?:["\\/bfnrt]|u[0-9a-fA-F]{4}|(?:u[0-9a-fA-F]{0,3})?$)/.test(escape)) {
      return fault(found.index, 'an escape that JSON does not have');
    }
    stop.lastIndex = found.index + 2;
  }
  return endsEarly(text, stack, 'a text');
}

function badScalar(text: string, at: number, stack: readonly Open[]): JsonFault {
  const rest = text.slice(at, at + 6);
  const cut = ['true', 'false', 'null', '-'].some((word) => word.startsWith(rest));
  return cut ? endsEarly(text, stack) : fault(at, `expected a value, found ${nextToken(text, at)}`);
}

function endsEarly(text: string, stack: readonly Open[], inside?: string): JsonFault {
  const open = stack.at(-1);
  const what = inside ?? (open === undefined ? 'a value' : open.close === '}' ? 'an object' : 'an array');
  return { at: text.trimEnd().length, reason: `the file ends inside ${what}`, truncated: true };
}
