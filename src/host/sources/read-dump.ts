import type { Diagnostic } from '../../core/diag/diagnostic.ts';
import type { IpFamily } from '../../core/model/ip.ts';
import { dumpHeader } from '../../core/parse/iptables-save/dump-header.ts';
import { parseIptablesSave } from '../../core/parse/iptables-save/parse-iptables-save.ts';
import { splitFamilies, type FamilyText } from '../../core/parse/iptables-save/split-families.ts';
import { splitSave } from '../../core/parse/iptables-save/split-save.ts';
import type { Ruleset } from '../../core/ruleset/ruleset.ts';
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

/** A dump whose rules are typed, for those who look into them. */
export interface ReadRuleset {
  readonly file: string;
  readonly ruleset: Ruleset;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * A file of iptables-save or ip6tables-save, or of both one after the other, or `-` for standard input. Rejects with a SourceError if it
 * cannot be opened.
 */
export async function readDump(path: string, io: SourceIo = nodeIo): Promise<readonly ReadDump[]> {
  const read = await readTexts(path, io);
  if ('problem' in read) {
    const { file, problem } = read;
    return [{ file, family: 'ipv4', variant: undefined, saved: { tables: [] }, diagnostics: [problem] }];
  }
  return read.texts.map(({ family, text }) => {
    const { file } = read;
    const { saved, diagnostics } = splitSave(text, { file });
    return { file, family, variant: dumpHeader(text)?.variant, saved, diagnostics };
  });
}

/** The same with every rule read: one for each family that the dump has. */
export async function readRulesets(path: string, io: SourceIo = nodeIo): Promise<readonly ReadRuleset[]> {
  const read = await readTexts(path, io);
  const { file } = read;
  if ('problem' in read) {
    const ruleset: Ruleset = { family: 'ipv4', header: undefined, tables: [], layout: [] };
    return [{ file, ruleset, diagnostics: [read.problem] }];
  }
  return read.texts.map(({ family, text }) => ({ file, ...parseIptablesSave(text, { file, family }) }));
}

interface DumpTexts {
  readonly file: string;
  readonly texts: readonly FamilyText[];
}

interface UnreadableDump {
  readonly file: string;
  readonly problem: Diagnostic;
}

async function readTexts(path: string, io: SourceIo): Promise<DumpTexts | UnreadableDump> {
  const file = path === '-' ? '<stdin>' : path;
  const bytes = await (path === '-' ? io.readStdin() : io.readFile(path)).catch((error: unknown) => {
    throw sourceErrorOf(file, error);
  });
  const decoded = decodeText(bytes, file);
  return 'problem' in decoded ? { file, problem: decoded.problem } : { file, texts: splitFamilies(decoded.text) };
}
