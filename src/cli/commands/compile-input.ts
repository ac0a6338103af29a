import type { CompileOptions, CompileResult } from '../../core/compile/compile.ts';
import type { CompiledMode, FamilyMeaning } from '../../core/compile/read-meaning.ts';
import { hasErrors } from '../../core/diag/diagnostic.ts';
import type { IpFamily } from '../../core/model/ip.ts';
import type { IpvsConfig } from '../../core/model/proxy-config.ts';
import type { RulesFlags } from '../options/rules-options.ts';
import { chooseHostNode } from './choose-host-node.ts';
import { compileDocuments, RULES_ONLY, type CompiledDocuments } from './compile-documents.ts';
import { loadConfig, loadTemplates } from './load-config.ts';
import { readInput, type InputFlags } from './read-input.ts';

export interface CompiledInput {
  readonly result: CompileResult;
  /** What is not about the input, but about what was asked for. */
  readonly note: string;
  /** The rules of another family. */
  readonly compileFamily: (family: IpFamily) => CompileResult['rules'];
  /** What the rules must do: what they were compiled from. */
  readonly meaning: () => readonly FamilyMeaning[];
  /** What the ipvs mode was configured to, where something was compiled. */
  readonly ipvsConfig: () => IpvsConfig | undefined;
}

/** Reads what the options name, files or the live cluster, and compiles it; modes other than these are an error. */
export async function compileInput(
  flags: InputFlags & RulesFlags,
  families: readonly IpFamily[],
  modes: readonly CompiledMode[] = RULES_ONLY,
): Promise<CompiledInput> {
  return (await readToCompile(flags, modes))(families);
}

/** Reads it; what comes back compiles it, in one go. */
export async function readToCompile(
  flags: InputFlags & RulesFlags,
  modes: readonly CompiledMode[] = RULES_ONLY,
): Promise<(families: readonly IpFamily[]) => CompiledInput> {
  const input = await readInput(flags);
  const config = await loadConfig(flags);
  const templates = await loadTemplates(flags.templates);
  const before = [...input.read.diagnostics, ...config.diagnostics, ...templates.diagnostics];
  if (hasErrors([...config.diagnostics, ...templates.diagnostics])) {
    const nothing = { compileFamily: () => [], meaning: () => [], ipvsConfig: () => undefined };
    return () => ({ result: { rules: [], diagnostics: before }, note: '', ...nothing });
  }
  const read = { ...input.read, diagnostics: before };
  const { node, note } = chooseHostNode(flags.node, config.options.config, input);
  const options = { ...config.options, ...templates.options, ...optionsOf(flags), node, modes };
  const compileFor = (wanted: readonly IpFamily[]): CompiledDocuments =>
    compileDocuments(read, { ...options, families: wanted });
  return (families) => {
    const result = compileFor(families);
    return {
      result,
      note,
      compileFamily: (family) => compileFor([family]).rules,
      meaning: () => result.families,
      ipvsConfig: () => result.ipvs,
    };
  };
}

/** The options of a compile as the core takes them, without configuration and node. */
export function optionsOf(flags: RulesFlags): CompileOptions {
  const { nodeIp, localIp, zone, serviceCidr, serviceNodePortRange } = flags;
  return {
    applyDefaults: flags.defaults,
    randomFully: flags.randomFully,
    nfacct: flags.nfacct ?? false,
    ...(nodeIp === undefined ? {} : { nodeIps: nodeIp }),
    ...(localIp === undefined ? {} : { localIps: localIp }),
    ...(zone === undefined ? {} : { zone }),
    ...(serviceCidr === undefined ? {} : { serviceCidrs: serviceCidr }),
    ...(serviceNodePortRange === undefined ? {} : { nodePortRange: serviceNodePortRange }),
  };
}
