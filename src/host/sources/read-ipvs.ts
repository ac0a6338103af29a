import { parseIpvsadm, type ParsedIpvs } from '../../core/parse/ipvsadm/parse-ipvsadm.ts';
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
  return 'problem' in decoded
    ? { table: { virtualServers: [] }, timeouts: undefined, diagnostics: [decoded.problem] }
    : parseIpvsadm(decoded.text, { file });
}
