import type { CompileOptions, CompileResult, OnCompiledChains } from '../../core/compile/compile.ts';
import type { CompiledMode, FamilyMeaning } from '../../core/compile/read-meaning.ts';
import { hasErrors } from '../../core/diag/diagnostic.ts';
import type { IpFamily } from '../../core/model/ip.ts';
import type { IpvsConfig } from '../../core/model/proxy-config.ts';
import { fieldOf } from '../../core/util/mapping.ts';
import type { RulesFlags } from '../options/rules-options.ts';
import { chooseHostNode } from './choose-host-node.ts';
import { compileDocuments, RULES_ONLY, prepareDocuments, type CompiledDocuments } from './compile-documents.ts';
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

/** What the options name, before it is put together to a ServiceTable. */
export interface InputToCompile {
  /** Undefined where nothing was read. Counts only if `isGood`: a configuration of another mode is an error. */
  readonly mode: CompiledMode | undefined;
  /** No error was found so far. */
  readonly isGood: boolean;
  /** Once. */
  readonly compile: (onChains?: OnCompiledChains) => CompiledInput;
}

export interface ReadInput {
  /** How many there are, those in Lists included. */
  readonly objects: number;
  readonly prepare: (families: readonly IpFamily[]) => InputToCompile;
}

/** Reads what the options name, files or the live cluster, and compiles it; modes other than these are an error. */
export async function compileInput(
  flags: InputFlags & RulesFlags,
  families: readonly IpFamily[],
  modes: readonly CompiledMode[] = RULES_ONLY,
): Promise<CompiledInput> {
  return (await readToCompile(flags, modes)).prepare(families).compile();
}

/** Reads it; what comes back compiles it, in two steps. */
export async function readToCompile(
  flags: InputFlags & RulesFlags,
  modes: readonly CompiledMode[] = RULES_ONLY,
): Promise<ReadInput> {
  const input = await readInput(flags);
  const config = await loadConfig(flags);
  const templates = await loadTemplates(flags.templates);
  const before = [...input.read.diagnostics, ...config.diagnostics, ...templates.diagnostics];
  if (hasErrors([...config.diagnostics, ...templates.diagnostics])) {
    const nothing = { compileFamily: () => [], meaning: () => [], ipvsConfig: () => undefined };
    const compile = (): CompiledInput => ({ result: { rules: [], diagnostics: before }, note: '', ...nothing });
    return { objects: 0, prepare: () => ({ mode: undefined, isGood: false, compile }) };
  }
  const read = { ...input.read, diagnostics: before };
  const { node, note } = chooseHostNode(flags.node, config.options.config, input);
  const options = { ...config.options, ...templates.options, ...optionsOf(flags), node, modes };
  const compileFamily = (family: IpFamily): CompiledDocuments['rules'] =>
    compileDocuments(read, { ...options, families: [family] }).rules;
  const prepare = (families: readonly IpFamily[]): InputToCompile => {
    const { prepared, compile } = prepareDocuments(read, { ...options, families });
    const isGood = !hasErrors([...before, ...(prepared?.diagnostics ?? [])]);
    return {
      mode: prepared?.mode,
      isGood,
      compile: (onChains) => compiledInput(compile(onChains), note, compileFamily),
    };
  };
  return { objects: countObjects(read.documents), prepare };
}

function countObjects(documents: readonly unknown[]): number {
  return documents.reduce<number>((sum, document) => {
    const items = fieldOf(document, 'items');
    return sum + (Array.isArray(items) ? items.length : 1);
  }, 0);
}

function compiledInput(
  result: CompiledDocuments,
  note: string,
  compileFamily: CompiledInput['compileFamily'],
): CompiledInput {
  return { result, note, compileFamily, meaning: () => result.families, ipvsConfig: () => result.ipvs };
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
