import { compile, type CompileOptions, type CompileResult } from '../../core/compile/compile.ts';
import { printRules } from '../../core/compile/print-rules.ts';
import { printIpSets, withFilledSets } from '../../core/compile/print-ipvs.ts';
import { compiledModes } from '../../core/compile/read-meaning.ts';
import { readOptions } from '../../core/compile/read-options.ts';
import type { FlowCluster } from '../../core/analyze/flows/flow-cluster.ts';
import { hasErrors, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { decodeProxyConfig } from '../../core/model/config/decode-proxy-config.ts';
import { decodeSnapshot } from '../../core/model/decode/decode-snapshot.ts';
import { ipFamilies, type IpFamily } from '../../core/model/ip.ts';
import { prepareSnapshot } from '../../core/services/api-server/prepare-snapshot.ts';
import { nodeFacts } from '../../core/services/node-facts.ts';
import { fieldOf } from '../../core/util/mapping.ts';
import type { ParsedText } from '../../host/sources/parsed-text.ts';
import { readSources } from '../../host/sources/read-sources.ts';
import type { SourceIo } from '../../host/sources/source-io.ts';
import { folderIo } from '../../host/testing/folder-io.ts';
import { nameFlags } from '../options/name-flags.ts';
import { compileDocuments } from './compile-documents.ts';
import { optionsOf } from './compile-input.ts';
import { loadConfig, loadTemplates } from './load-config.ts';
import { ipvsFiles } from './print-ipvs-parts.ts';
import type { CaseFlags } from './test-options.ts';
import { podNames } from './trace-snapshot.ts';

/** What the compiler makes of a case. */
export interface CompiledCase {
  /** As text, by family; a family is missing if no rules of it are printed. */
  readonly rules: ReadonlyMap<IpFamily, string>;
  /** What the ipvs mode has besides, by file as `compile --out` calls it; none in other modes. */
  readonly ipvsFiles: ReadonlyMap<string, string>;
  /** `ipset.rules` without sets that have no members. */
  readonly filledSets: string;
  readonly diagnostics: readonly Diagnostic[];
  /** The rules of the same options without any Service, by family. */
  readonly fixedRules: () => ReadonlyMap<IpFamily, string>;
  /** What flows can name. */
  readonly cluster: () => FlowCluster;
}

/** Compiles as `compile --out` does. Paths in messages are as seen from the folder of the case. Rejects with a SourceError. */
export async function compileCase(folder: string, flags: CaseFlags, base: SourceIo): Promise<CompiledCase> {
  const io = folderIo(folder, base);
  const sources = await readSources(flags.filename ?? [], io);
  const config = await loadConfig(flags, io);
  const templates = await loadTemplates(flags.templates, io);
  const read = { ...sources, diagnostics: [...sources.diagnostics, ...config.diagnostics, ...templates.diagnostics] };
  const families = flags.family === undefined ? ipFamilies : [flags.family];
  const node = { node: flags.node, families };
  const options: CompileOptions = {
    modes: compiledModes,
    ...config.options,
    ...templates.options,
    ...optionsOf(flags),
    ...node,
  };
  const result: CompileResult = hasErrors([...config.diagnostics, ...templates.diagnostics])
    ? { rules: [], diagnostics: read.diagnostics }
    : compileDocuments(read, options);
  return {
    rules: printed(result),
    ipvsFiles: new Map(ipvsFiles(result.rules)),
    filledSets: printIpSets(result.rules.map(withFilledSets)),
    diagnostics: nameFlags(result.diagnostics, { ...flags }),
    fixedRules: () => printed(compile(withoutServices(read.documents), options)),
    cluster: () => clusterOf(read, options),
  };
}

function printed({ rules }: CompileResult): ReadonlyMap<IpFamily, string> {
  return new Map(rules.map((one) => [one.family, printRules(one)]));
}

/** The Nodes alone: they say what the fixed chains depend on. */
function withoutServices(documents: readonly unknown[]): readonly unknown[] {
  return documents.flatMap((document) => {
    const items = fieldOf(document, 'items');
    if (Array.isArray(items)) return withoutServices(items);
    return fieldOf(document, 'kind') === 'Node' ? [document] : [];
  });
}

function clusterOf({ documents, locations }: ParsedText, options: CompileOptions): FlowCluster {
  const { apiServer, node } = readOptions(options);
  const { snapshot } = prepareSnapshot(decodeSnapshot(documents, locations).snapshot, apiServer);
  const { config } = decodeProxyConfig(options.config, options.configLocation);
  const facts = nodeFacts(snapshot, config, node, []);
  return {
    services: snapshot.services,
    pods: snapshot.pods,
    podNames: podNames(snapshot, documents),
    localIps: (facts?.localIps ?? []).filter(({ text }) => text !== '127.0.0.1' && text !== '::1'),
  };
}
