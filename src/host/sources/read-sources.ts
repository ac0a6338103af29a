import { diagnose } from '../../core/diag/diagnostic.ts';
import { decodeText } from './decode-text.ts';
import { expandPaths } from './expand-paths.ts';
import { parseText } from './parse-text.ts';
import { appendParsed, emptyParsedText, type ParsedText } from './parsed-text.ts';
import { sourceErrorOf } from './source-error.ts';
import { nodeIo, type SourceIo } from './source-io.ts';

/**
 * Reads manifests: files, directories and `-`, standard input. What cannot be parsed is a diagnostic, and the rest is read all the
 * same; what cannot be opened is a `SourceError`, since rules compiled without a file that was asked for would be wrong.
 *
 * `kind: List` documents are returned as they are.
 */
export async function readSources(paths: readonly string[], io: SourceIo = nodeIo): Promise<ParsedText> {
  const { files, empty } = await expandPaths(paths, io);
  const all = emptyParsedText();
  for (const path of empty) {
    const message = 'the directory holds no manifest (*.yaml, *.yml, *.json)';
    all.diagnostics.push(diagnose('no-objects', { message, location: { file: path } }));
  }
  for (const path of files) appendParsed(all, await readSource(path, io));
  return all;
}

/** One file, or standard input. */
export async function readSource(path: string, io: SourceIo): Promise<ParsedText> {
  const file = path === '-' ? '<stdin>' : path;
  const bytes = await (path === '-' ? io.readStdin() : io.readFile(path)).catch((error: unknown) => {
    throw sourceErrorOf(file, error);
  });
  const decoded = decodeText(bytes, file);
  if ('problem' in decoded) return { ...emptyParsedText(), diagnostics: [decoded.problem] };
  return parseText(decoded.text, file);
}
