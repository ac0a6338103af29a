import type { Diagnostic } from '../../core/diag/diagnostic.ts';
import type { IpFamily } from '../../core/model/ip.ts';
import { dumpHeader } from '../../core/parse/iptables-save/dump-header.ts';
import { splitSave } from '../../core/parse/iptables-save/split-save.ts';
import type { SavedRules } from '../../core/ruleset/saved-rules.ts';
import { decodeText } from './decode-text.ts';
import { sourceErrorOf } from './source-error.ts';
import { nodeIo, type SourceIo } from './source-io.ts';

export interface ReadDump {
  readonly file: string;
  readonly family: IpFamily;
  /** Undefined where the dump does not say which iptables wrote it. */
  readonly variant: 'nft' | 'legacy' | undefined;
  readonly saved: SavedRules;
  readonly diagnostics: readonly Diagnostic[];
}

/** One file of iptables-save or ip6tables-save, or `-` for standard input. Rejects with a SourceError if it cannot be opened. */
export async function readDump(path: string, io: SourceIo = nodeIo): Promise<ReadDump> {
  const file = path === '-' ? '<stdin>' : path;
  const bytes = await (path === '-' ? io.readStdin() : io.readFile(path)).catch((error: unknown) => {
    throw sourceErrorOf(file, error);
  });
  const decoded = decodeText(bytes, file);
  if ('problem' in decoded) {
    return { file, family: 'ipv4', variant: undefined, saved: { tables: [] }, diagnostics: [decoded.problem] };
  }
  const { saved, diagnostics } = splitSave(decoded.text, { file });
  const header = dumpHeader(decoded.text);
  return { file, family: familyOf(header?.tool, decoded.text), variant: header?.variant, saved, diagnostics };
}

/** Without a header, addresses tell, and what only IPv6 has. */
function familyOf(tool: string | undefined, text: string): IpFamily {
  if (tool !== undefined) return tool.startsWith('ip6') ? 'ipv6' : 'ipv4';
  return /^-A .* (?:-[sd] [0-9a-f]*:|-p (?:ipv6-icmp|icmpv6) |--reject-with icmp6-)/m.test(text) ? 'ipv6' : 'ipv4';
}
