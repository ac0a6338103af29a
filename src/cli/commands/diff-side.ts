import { parseIptablesSave } from '../../core/parse/iptables-save/parse-iptables-save.ts';
import { compileIptables } from '../../core/compile/iptables/compile-iptables.ts';
import { printRules } from '../../core/compile/print-rules.ts';
import type { FamilyMeaning } from '../../core/compile/read-meaning.ts';
import { diagnose, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { ipFamilies } from '../../core/model/ip.ts';
import { foreignFormat } from '../../core/parse/iptables-save/wrong-format.ts';
import type { Ruleset } from '../../core/ruleset/ruleset.ts';
import { readRulesets } from '../../host/sources/read-dump.ts';
import { sourceErrorOf } from '../../host/sources/source-error.ts';
import { nodeIo, type SourceIo } from '../../host/sources/source-io.ts';
import { meaningInput } from './meaning-input.ts';
import type { DiffFlags } from './diff.ts';
import { contentsOf } from './told-by-contents.ts';

/** One side of a comparison. */
export type DiffSide = DumpSide | ManifestSide;

export interface DumpSide {
  readonly kind: 'dump';
  readonly name: string;
  readonly rulesets: readonly Ruleset[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface ManifestSide {
  readonly kind: 'manifests';
  readonly name: string;
  readonly meanings: readonly FamilyMeaning[];
  readonly diagnostics: readonly Diagnostic[];
  readonly note: string;
}

/** Reads a side, a dump or manifests by its contents. Rejects with a SourceError if it cannot be opened. */
export async function readSide(path: string, flags: DiffFlags): Promise<DiffSide> {
  const name = path === '-' ? '<stdin>' : path;
  const isFolder = path !== '-' && (await statOf(path)) === 'directory';
  if (isFolder) return await manifests(path, name, flags, nodeIo);
  const bytes = await (path === '-' ? nodeIo.readStdin() : nodeIo.readFile(path)).catch((error: unknown) => {
    throw sourceErrorOf(name, error);
  });
  // Read once: standard input cannot be read again.
  const io: SourceIo = { ...nodeIo, readStdin: () => Promise.resolve(bytes), readFile: () => Promise.resolve(bytes) };
  const text = new TextDecoder().decode(bytes);
  const contents = contentsOf(text);
  if (contents === 'nothing') return emptySide(name);
  if (contents !== 'dump' && !isListing(text)) return await manifests(path, name, flags, io);
  const read = await readRulesets(path, io);
  return {
    kind: 'dump',
    name,
    rulesets: read.map(({ ruleset }) => ruleset),
    diagnostics: read.flatMap(({ diagnostics }) => diagnostics),
  };
}

/** What another command prints about rules: the reader of dumps says what is wanted instead. */
function isListing(text: string): boolean {
  const [first = ''] = text.trim().split('\n', 1);
  return contentsOf(text) === 'other' && foreignFormat(first.trim()) !== undefined;
}

/** Nobody can say what an empty file was meant to be: no rules and no Services differ in everything. */
function emptySide(name: string): DumpSide {
  const message = 'the file is empty: neither a dump nor manifests';
  const hint =
    'for rules take iptables-save as root; for a cluster without Services a List without items, as kubectl get -o json prints it';
  return {
    kind: 'dump',
    name,
    rulesets: [],
    diagnostics: [diagnose('dump-empty', { message, location: { file: name }, hint })],
  };
}

async function statOf(path: string): Promise<string> {
  const { kind } = await nodeIo.stat(path).catch((error: unknown) => {
    throw sourceErrorOf(path, error);
  });
  return kind;
}

async function manifests(path: string, name: string, flags: DiffFlags, io: SourceIo): Promise<ManifestSide> {
  const ipvsHint = 'diff --modes -f FILE compares what both modes do for one cluster';
  const side = { ...flags, filename: [path] };
  const { families, diagnostics, note } = await meaningInput(side, ipFamilies, { io, ipvsHint });
  return { kind: 'manifests', name, meanings: families, diagnostics, note };
}

/** What would be loaded for it. */
export function compiledRuleset({ family, table, settings }: FamilyMeaning): Ruleset {
  const features = { nfacct: false, randomFully: true };
  return parseIptablesSave(printRules(compileIptables(table, settings, { features })), { family }).ruleset;
}
