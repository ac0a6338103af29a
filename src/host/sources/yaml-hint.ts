/** What to do about a YAML error, from what the reader said, the document, and its line (from 0). */
export function yamlHint(reason: string, text: string, row: number): string | undefined {
  const near = text.split('\n').slice(Math.max(0, row - 1), row + 1);
  const line = near.at(-1) ?? '';
  if (/^(?:<{7}|>{7}) /m.test(text)) return 'the file has the marks of an unresolved merge conflict';
  if (/^\*(?:raw|mangle|nat|filter|security)\s*$/m.test(text)) {
    return 'these are rules as iptables-save prints them, and Kubernetes objects are wanted here';
  }
  if (/^ *\t/.test(line) || /\btabs?\b/.test(reason)) return 'YAML takes no tabs for indentation; use spaces';
  if (/:\s+[@`%]/.test(line)) return 'a text that begins with @, ` or % needs quotes';
  if (/multiline key/.test(reason) && near.some((l) => NO_SPACE.test(l))) return 'a space is missing after the colon';
  for (const [pattern, hint] of HINTS) if (pattern.test(reason)) return hint;
  return undefined;
}

const NO_SPACE = /^\s*(?:- )?[A-Za-z][\w.-]*:[^\s:]\S*\s*$/;

const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /duplicated mapping key/,
    'the key stands twice in one mapping; remove one, or a "---" is missing between two documents',
  ],
  [/indentation of a mapping/, 'compare the indentation with the lines above; a text with ": " in it needs quotes'],
  [/deficient indentation/, 'compare the indentation with the line above; perhaps a quote or bracket is never closed'],
  [/quoted scalar/, 'a quote is never closed'],
  [/within a flow collection/, 'a bracket is never closed'],
  [/multiline key/, 'perhaps a colon is missing on this line'],
  [
    /unknown \w+ tag/,
    'tags of other tools have no meaning in a manifest; render the file with the tool it was written for',
  ],
  [/unidentified alias/, 'anchors (&name) hold only within one document'],
  [/document separator is expected/, 'compare the indentation with the lines above; "---" stands between documents'],
  [/complex keys/, 'a text that begins with { or [ needs quotes'],
  [/maxDepth/, 'no manifest is nested this deeply'],
];
