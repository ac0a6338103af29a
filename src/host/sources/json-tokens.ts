const SPACE = /[ \t\r\n]*/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const SCALAR = /(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)(?![\w.+-])/y;
const WORD = /[^\s,:[\]{}"]{1,20}/y;

/** Where the match at `at` ends. */
function endOf(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

export function skipSpace(text: string, at: number): number {
  return endOf(SPACE, text, at) ?? at;
}

/** The end of the quoted text that starts at `at`; undefined if it has none. Piecewise: one pattern for all of it would overflow on long texts. */
export function scanText(text: string, at: number): number | undefined {
  let next = at + 1;
  for (;;) {
    next = endOf(PLAIN, text, next) ?? next;
    if (text[next] === '"') return next + 1;
    const escaped = endOf(ESCAPE, text, next);
    if (escaped === undefined) return undefined;
    next = escaped;
  }
}

/** The end of the number, true, false or null at `at`. */
export function scanScalar(text: string, at: number): number | undefined {
  return endOf(SCALAR, text, at);
}

/** What stands at a place, for a message. */
export function nextToken(text: string, at: number): string {
  if (at >= text.length) return 'the end of the file';
  // A quoted text needs no more quotes, only its first characters.
  if (text[at] === '"') return text.slice(at, Math.min(scanText(text, at) ?? at + 1, at + 20));
  const end = endOf(WORD, text, at) ?? at + 1;
  return `"${text.slice(at, end)}"`;
}
