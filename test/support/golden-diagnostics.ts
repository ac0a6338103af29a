/**
 * Cases of golden/diagnostics: what is said about files that cannot be read, parsed or rendered. They go through the readers of the
 * command line, one after the other as `chainsmith compile -f input --config config.yaml --templates templates` does.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { compileDocuments } from '../../src/cli/commands/compile-documents.ts';
import type { CompileOptions } from '../../src/core/compile/compile.ts';
import { hasErrors, type Diagnostic } from '../../src/core/diag/diagnostic.ts';
import { compileTemplates } from '../../src/core/render/compile-template.ts';
import { readConfig } from '../../src/host/sources/read-config.ts';
import { readSources } from '../../src/host/sources/read-sources.ts';
import { readTemplates } from '../../src/host/sources/read-templates.ts';
import type { SourceIo } from '../../src/host/sources/source-io.ts';
import { caseIo } from './case-io.ts';
import { foldersIn } from './golden-case.ts';
import { diagnosticsText } from '../../src/cli/output/diagnostics-text.ts';

export const DIAGNOSTIC_INPUTS: readonly string[] = ['README.md', 'input', 'templates', 'config.yaml'];

export function findDiagnosticCases(root: string): readonly string[] {
  return foldersIn(root);
}

export async function produceDiagnostics(folder: string): Promise<ReadonlyMap<string, string>> {
  return new Map([['diagnostics.txt', diagnosticsText(await diagnosticsOf(folder))]]);
}

interface Loaded {
  readonly options: CompileOptions;
  readonly diagnostics: readonly Diagnostic[];
}

async function diagnosticsOf(folder: string): Promise<readonly Diagnostic[]> {
  const io = caseIo(folder);
  const sources = await readSources(existsSync(join(folder, 'input')) ? ['input'] : [], io);
  const config = await loadConfig(folder, io);
  const templates = await loadTemplates(folder, io);
  const before = [...sources.diagnostics, ...config.diagnostics, ...templates.diagnostics];
  if (hasErrors([...config.diagnostics, ...templates.diagnostics])) return before;
  const options = { node: 'node-a', ...config.options, ...templates.options };
  return compileDocuments({ ...sources, diagnostics: before }, options).diagnostics;
}

async function loadConfig(folder: string, io: SourceIo): Promise<Loaded> {
  if (!existsSync(join(folder, 'config.yaml'))) return { options: {}, diagnostics: [] };
  const read = await readConfig('config.yaml', io);
  if ('problems' in read) return { options: {}, diagnostics: read.problems };
  return { options: { config: read.config, configLocation: read.location }, diagnostics: [] };
}

async function loadTemplates(folder: string, io: SourceIo): Promise<Loaded> {
  if (!existsSync(join(folder, 'templates'))) return { options: {}, diagnostics: [] };
  const { templates, diagnostics } = compileTemplates(await readTemplates('templates', io));
  return { options: { templates }, diagnostics };
}
