import { diagnose, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { decodeText } from './decode-text.ts';
import { expandPaths } from './expand-paths.ts';
import { holdsObjects } from './holds-objects.ts';
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
  const { files, empty, broken } = await expandPaths(paths, io);
  const all = emptyParsedText();
  for (const path of empty) {
    const message = 'the directory holds no manifest (*.yaml, *.yml, *.json)';
    all.diagnostics.push(diagnose('no-objects', { message, location: { file: path } }));
  }
  for (const file of broken) {
    const message = 'the link leads nowhere; it is passed over';
    all.diagnostics.push(diagnose('broken-link', { message, location: { file } }));
  }
  const passedOver: string[] = [];
  for (const { path, inDirectory } of files) {
    const { text, ...parsed } = await readText(path, io);
    if (inDirectory && text !== undefined && !holdsObjects(text, parsed)) passedOver.push(path);
    else appendParsed(all, parsed);
  }
  if (passedOver.length > 0) all.diagnostics.push(describePassedOver(passedOver));
  return all;
}

/** How many files are named. */
const NAMED = 5;

function describePassedOver(files: readonly string[]): Diagnostic {
  const more = files.length > NAMED ? ` and ${files.length - NAMED} more` : '';
  const what = files.length === 1 ? 'file' : 'files';
  const names = `${files.slice(0, NAMED).join(', ')}${more}`;
  return diagnose('files-passed-over', { message: `${files.length} ${what} without Kubernetes objects: ${names}` });
}

/** One file, or standard input. */
export async function readSource(path: string, io: SourceIo): Promise<ParsedText> {
  const { documents, locations, diagnostics } = await readText(path, io);
  return { documents, locations, diagnostics };
}

/** The text is undefined where the file holds none. */
async function readText(path: string, io: SourceIo): Promise<ParsedText & { readonly text?: string }> {
  const file = path === '-' ? '<stdin>' : path;
  const bytes = await (path === '-' ? io.readStdin() : io.readFile(path)).catch((error: unknown) => {
    throw sourceErrorOf(file, error);
  });
  const decoded = decodeText(bytes, file);
  if ('problem' in decoded) return { ...emptyParsedText(), diagnostics: [decoded.problem] };
  return { ...parseText(decoded.text, file), text: decoded.text };
}
