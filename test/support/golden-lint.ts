/** Cases of golden/lint: for each lint rule dumps in which it finds something, and dumps in which it must not. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { lintSnapshot } from '../../src/cli/commands/lint-snapshot.ts';
import { paint } from '../../src/cli/output/colors.ts';
import { printLint } from '../../src/cli/output/print-lint.ts';
import type { Finding } from '../../src/core/analyze/lint/finding.ts';
import { lint } from '../../src/core/analyze/lint/lint.ts';
import type { LintConntrack, LintDump, LintSnapshot } from '../../src/core/analyze/lint/lint-input.ts';
import type { CompileOptions } from '../../src/core/compile/compile.ts';
import type { Diagnostic } from '../../src/core/diag/diagnostic.ts';
import { parseConntrack } from '../../src/core/parse/conntrack/parse-conntrack.ts';
import { parseIpsetSave } from '../../src/core/parse/ipset-save/parse-ipset-save.ts';
import { parseIpvsadm } from '../../src/core/parse/ipvsadm/parse-ipvsadm.ts';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { isMapping } from '../../src/core/util/mapping.ts';
import { parseText } from '../../src/host/sources/parse-text.ts';
import { foldersIn } from './golden-case.ts';
import { diagnosticsText } from '../../src/cli/output/diagnostics-text.ts';

const OPTIONS = 'default-options.yaml';
const CONNTRACK = 'conntrack.txt';
const INPUT = 'input.yaml';
const SERVERS = 'servers.txt';
const SETS = 'sets.txt';

/** Files that the runner writes. */
export const LINT_PRODUCED: readonly string[] = ['findings.txt', 'diagnostics.txt'];

/** Those that people write; every dump is a file `*.rules`. */
export function lintInputs(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => !LINT_PRODUCED.includes(name));
}

/** `CODE/fires`, `CODE/silent` and others that begin so. */
export function findLintCases(root: string): readonly string[] {
  return foldersIn(root).flatMap((code) => foldersIn(join(root, code)).map((name) => `${code}/${name}`));
}

export interface LintCaseOutput {
  readonly files: ReadonlyMap<string, string>;
  readonly findings: readonly Finding[];
}

export function produceLint(root: string, name: string): LintCaseOutput {
  const folder = join(root, name);
  const [code = ''] = name.split('/');
  const dumps = dumpsIn(folder);
  const conntrack = conntrackIn(folder);
  const cluster = clusterIn(root, folder);
  const [servers, sets] = [textIn(folder, SERVERS), textIn(folder, SETS)];
  const findings = lint({
    dumps,
    snapshot: cluster?.snapshot,
    conntrack: conntrack?.listing,
    ipvs: servers === undefined ? undefined : { file: SERVERS, table: parseIpvsadm(servers).table },
    sets: sets === undefined ? undefined : { file: SETS, sets: parseIpsetSave(sets).sets },
  });
  // Notes of other rules are the same in most cases.
  const shown = findings.filter((finding) => finding.severity !== 'info' || finding.code === code);
  const text = printLint({ findings: shown, dumps }, { verbose: true, paint: paint(false) });
  const diagnostics = [
    ...dumps.flatMap((dump) => dump.diagnostics),
    ...(conntrack?.diagnostics ?? []),
    ...(cluster?.diagnostics ?? []),
  ];
  const files = new Map([['findings.txt', text]]);
  if (diagnostics.length > 0) files.set('diagnostics.txt', diagnosticsText(diagnostics));
  return { files, findings };
}

function textIn(folder: string, file: string): string | undefined {
  const path = join(folder, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function dumpsIn(folder: string): readonly LintDump[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.rules'));
  return names.map((file) => ({ file, ...parseIptablesSave(readFileSync(join(folder, file), 'utf8'), { file }) }));
}

function conntrackIn(
  folder: string,
): { readonly listing: LintConntrack; readonly diagnostics: readonly Diagnostic[] } | undefined {
  const path = join(folder, CONNTRACK);
  if (!existsSync(path)) return undefined;
  const { entries, diagnostics } = parseConntrack(readFileSync(path, 'utf8'), { file: CONNTRACK });
  return { listing: { file: CONNTRACK, entries }, diagnostics };
}

function clusterIn(
  root: string,
  folder: string,
): { readonly snapshot: LintSnapshot | undefined; readonly diagnostics: readonly Diagnostic[] } | undefined {
  const path = join(folder, INPUT);
  if (!existsSync(path)) return undefined;
  const { documents, locations, diagnostics } = parseText(readFileSync(path, 'utf8'), INPUT);
  const options = load(readFileSync(join(root, OPTIONS), 'utf8'));
  if (!isMapping(options) || diagnostics.length > 0)
    throw new Error(`${folder}: ${OPTIONS} or ${INPUT} cannot be read`);
  const own: CompileOptions = { ...options };
  return lintSnapshot(documents, { ...own, locations });
}
