import type { Diagnostic } from '../../core/diag/diagnostic.ts';
import { parseIpsetSave, type ParsedIpSets } from '../../core/parse/ipset-save/parse-ipset-save.ts';
import { misplacedDump } from '../../core/parse/misplaced-dump.ts';
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
  if ('problem' in decoded) return without(decoded.problem);
  const misplaced = misplacedDump(decoded.text, 'ipset save', file);
  return misplaced === undefined ? parseIpsetSave(decoded.text, { file }) : without(misplaced);
}

function without(problem: Diagnostic): ParsedIpSets {
  return { sets: new Map(), diagnostics: [problem] };
}
