import { parseIpsetSave, type ParsedIpSets } from '../../core/parse/ipset-save/parse-ipset-save.ts';
import { decodeText } from './decode-text.ts';
import { sourceErrorOf } from './source-error.ts';
import { nodeIo, type SourceIo } from './source-io.ts';

/** A file of `ipset save` or `ipset list`, or `-` for standard input. Rejects with a SourceError if it cannot be opened. */
export async function readIpSets(path: string, io: SourceIo = nodeIo): Promise<ParsedIpSets> {
  const file = path === '-' ? '<stdin>' : path;
  const bytes = await (path === '-' ? io.readStdin() : io.readFile(path)).catch((error: unknown) => {
    throw sourceErrorOf(file, error);
  });
  const decoded = decodeText(bytes, file);
  return 'problem' in decoded
    ? { sets: new Map(), diagnostics: [decoded.problem] }
    : parseIpsetSave(decoded.text, { file });
}
