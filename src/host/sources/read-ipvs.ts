import type { Diagnostic } from '../../core/diag/diagnostic.ts';
import { parseIpvsadm, type ParsedIpvs } from '../../core/parse/ipvsadm/parse-ipvsadm.ts';
import { misplacedDump } from '../../core/parse/misplaced-dump.ts';
import { decodeText } from './decode-text.ts';
import { sourceErrorOf } from './source-error.ts';
import { nodeIo, type SourceIo } from './source-io.ts';

/** A file of `ipvsadm -Sn` or `ipvsadm -Ln`, or `-` for standard input. Rejects with a SourceError if it cannot be opened. */
export async function readIpvs(path: string, io: SourceIo = nodeIo): Promise<ParsedIpvs> {
  const file = path === '-' ? '<stdin>' : path;
  const bytes = await (path === '-' ? io.readStdin() : io.readFile(path)).catch((error: unknown) => {
    throw sourceErrorOf(file, error);
  });
  const decoded = decodeText(bytes, file);
  if ('problem' in decoded) return without(decoded.problem);
  const misplaced = misplacedDump(decoded.text, 'ipvsadm -Sn', file);
  return misplaced === undefined ? parseIpvsadm(decoded.text, { file }) : without(misplaced);
}

function without(problem: Diagnostic): ParsedIpvs {
  return { table: { virtualServers: [] }, timeouts: undefined, diagnostics: [problem] };
}
