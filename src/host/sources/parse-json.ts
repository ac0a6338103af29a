import { diagnose, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { excerptOf, positionAt, type DocumentLocation } from '../../core/diag/source-location.ts';
import { jsonPartsOf, type JsonPart } from './json-parts.ts';
import { skipSpace } from './json-tokens.ts';
import { emptyParsedText, type ParsedText } from './parsed-text.ts';
import { partLocator } from './part-locator.ts';
import { scanJson, type JsonFault } from './scan-json.ts';

export interface ParsedJson extends ParsedText {
  /** Set if the text is not JSON; the documents before that place are there. */
  readonly fault?: JsonFault;
}

/** One JSON value, or several in a row as `cat a.json b.json` makes them. */
export function parseJson(text: string, file: string): ParsedJson {
  const parsed = emptyParsedText();
  const start = skipSpace(text, 0);
  try {
    parsed.documents.push(JSON.parse(text));
    parsed.locations.push(locationOf(text, start, file, positionAt(text, start).line));
    return parsed;
  } catch {
    return parseSeveral(text, file, start);
  }
}

function parseSeveral(text: string, file: string, start: number): ParsedJson {
  const parsed = emptyParsedText();
  let line = 1;
  let counted = 0;
  for (let at = start; at < text.length;) {
    const scan = scanJson(text, at);
    if ('at' in scan) return { ...parsed, fault: scan };
    line += positionAt(text.slice(counted, at), at - counted).line - 1;
    counted = at;
    parsed.documents.push(JSON.parse(text.slice(at, scan.end)));
    parsed.locations.push(locationOf(text, at, file, line));
    at = skipSpace(text, scan.end);
  }
  return parsed;
}

function locationOf(text: string, at: number, file: string, line: number): DocumentLocation {
  const root: JsonPart = { text, at, countedAt: at, line };
  return { file, line, locate: partLocator(file, () => root, jsonPartsOf) };
}

export function jsonFaultDiagnostic(text: string, file: string, fault: JsonFault): Diagnostic {
  const { line, column } = positionAt(text, fault.at);
  return diagnose('json-syntax', {
    message: fault.reason,
    location: { file, line, column, excerpt: excerptOf(text, line, column) },
    hint: hintFor(text, fault),
  });
}

/** JSON with comments (JSONC) is neither JSON nor YAML. */
export function isComment(text: string, at: number): boolean {
  return text.startsWith('//', at) || text.startsWith('/*', at);
}

function hintFor(text: string, fault: JsonFault): string | undefined {
  if (fault.truncated) return 'was the command that wrote it cut short?';
  if (text[fault.at] === "'") return 'JSON takes double quotes only';
  if (isComment(text, fault.at)) return 'JSON has no comments';
  if (fault.reason.startsWith('a comma')) return 'remove the comma';
  return undefined;
}
