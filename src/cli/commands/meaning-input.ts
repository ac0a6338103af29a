import type { CompiledMode, FamilyMeaning } from '../../core/compile/read-meaning.ts';
import { hasErrors, type Diagnostic } from '../../core/diag/diagnostic.ts';
import type { IpvsConfig } from '../../core/model/proxy-config.ts';
import type { IpFamily } from '../../core/model/ip.ts';
import type { SourceIo } from '../../host/sources/source-io.ts';
import type { RulesFlags } from '../options/rules-options.ts';
import { chooseHostNode } from './choose-host-node.ts';
import { RULES_ONLY, understandDocuments } from './compile-documents.ts';
import { optionsOf } from './compile-input.ts';
import { loadConfig } from './load-config.ts';
import { readInput, type InputFlags } from './read-input.ts';

export interface MeaningInput {
  /** Empty if no rules can be right. */
  readonly families: readonly FamilyMeaning[];
  /** Of the configuration; undefined where that is wrong. */
  readonly ipvs: IpvsConfig | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** What is not about the input, but about what was asked for. */
  readonly note: string;
}

export interface MeaningOptions {
  readonly io?: SourceIo | undefined;
  readonly modes?: readonly CompiledMode[];
  /** As in `CompileOptions`. */
  readonly ipvsHint?: string;
}

/** Reads what the options name, files or the live cluster, as far as what the rules of the node must do; modes other than these are an error. */
export async function meaningInput(
  flags: InputFlags & RulesFlags,
  families: readonly IpFamily[],
  { io, modes = RULES_ONLY, ipvsHint }: MeaningOptions = {},
): Promise<MeaningInput> {
  const input = await readInput(flags, io);
  const config = await loadConfig(flags);
  const before = [...input.read.diagnostics, ...config.diagnostics];
  if (hasErrors(config.diagnostics)) return { families: [], ipvs: undefined, diagnostics: before, note: '' };
  const { node, note } = chooseHostNode(flags.node, config.options.config, input);
  const read = { ...input.read, diagnostics: before };
  return {
    ...understandDocuments(read, { ...config.options, ...optionsOf(flags), node, families, modes, ipvsHint }),
    note,
  };
}
