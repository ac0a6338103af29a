import {
  compilePrepared,
  type CompileOptions,
  type CompileResult,
  type OnCompiledChains,
} from '../../core/compile/compile.ts';
import {
  prepareObjects,
  readMeaning,
  type CompiledMode,
  type FamilyMeaning,
  type PreparedObjects,
} from '../../core/compile/read-meaning.ts';
import { diagnose, hasErrors, type Diagnostic } from '../../core/diag/diagnostic.ts';
import type { IpvsConfig } from '../../core/model/proxy-config.ts';
import { standForCluster } from '../../core/model/decode/stand-for-cluster.ts';
import type { ParsedText } from '../../host/sources/parsed-text.ts';

/** Commands that know no more than rules would do half of the ipvs mode, so they refuse it: what is not said otherwise. */
export const RULES_ONLY: readonly CompiledMode[] = ['iptables'];

export interface CompiledDocuments extends CompileResult {
  /** What the rules were compiled from. */
  readonly families: readonly FamilyMeaning[];
  /** Of the configuration; undefined where nothing was compiled. */
  readonly ipvs: IpvsConfig | undefined;
}

/** Documents that have been read, but not yet put together to a ServiceTable. */
export interface DocumentsToCompile {
  /** Undefined where nothing was read. */
  readonly prepared: PreparedObjects | undefined;
  /** Once. */
  readonly compile: (onChains?: OnCompiledChains) => CompiledDocuments;
}

/**
 * Compiles what was read from files, unless that is nothing: rules for no Services at all, loaded by the next command of a pipe, would
 * take a node off the air. So they are printed only for input that says that there are no Services.
 */
export function compileDocuments(read: ParsedText, options: CompileOptions): CompiledDocuments {
  return prepareDocuments(read, options).compile();
}

/** The same in two steps. */
export function prepareDocuments(read: ParsedText, options: CompileOptions): DocumentsToCompile {
  const { documents, locations } = read;
  if (documents.length === 0) return { prepared: undefined, compile: () => asCompiled(read, undefined) };
  const prepared = prepareObjects(documents, { modes: RULES_ONLY, ...options, locations });
  const compile = (onChains: OnCompiledChains = () => {}): CompiledDocuments => {
    const { meaning, ...result } = compilePrepared(prepared, options.templates, onChains);
    return asCompiled(read, { ...result, families: meaning.families, ipvs: meaning.ipvs });
  };
  return { prepared, compile };
}

function asCompiled(read: ParsedText, found: CompiledDocuments | undefined): CompiledDocuments {
  const { judged, value } = judgeDocuments(read, found);
  return { rules: value?.rules ?? [], diagnostics: judged, families: value?.families ?? [], ipvs: value?.ipvs };
}

/** The same for those who want what the rules must do, and no rules. */
export function understandDocuments(
  read: ParsedText,
  options: CompileOptions,
): {
  readonly families: readonly FamilyMeaning[];
  /** Of the configuration; undefined where that is wrong. */
  readonly ipvs: IpvsConfig | undefined;
  readonly diagnostics: readonly Diagnostic[];
} {
  const { documents, locations } = read;
  const found =
    documents.length === 0 ? undefined : readMeaning(documents, { modes: RULES_ONLY, ...options, locations });
  const { judged, value } = judgeDocuments(read, found);
  return { families: value?.families ?? [], ipvs: value?.ipvs, diagnostics: judged };
}

/** @param value undefined where nothing was read */
function judgeDocuments<T extends { readonly diagnostics: readonly Diagnostic[] }>(
  { documents, diagnostics: found }: ParsedText,
  value: T | undefined,
): { readonly judged: readonly Diagnostic[]; readonly value: T | undefined } {
  if (value === undefined) {
    return { value, judged: hasErrors(found) ? found : [...found, nothing('no object was read')] };
  }
  const all = [...found, ...value.diagnostics];
  const isEmpty = value.diagnostics.some((d) => d.code === 'no-services');
  if (!isEmpty || (!hasErrors(all) && standForCluster(documents))) return { value, judged: all };
  const others = all.filter((d) => !ABOUT_RULES.has(d.code));
  const reason = hasErrors(all)
    ? diagnose('no-services', { message: 'no Service was read without errors; no rules are printed' })
    : nothing('there is no Service in the input, nor anything that belongs to one');
  return { value: undefined, judged: [...others, reason] };
}

/** What matters only where rules are printed. */
const ABOUT_RULES: ReadonlySet<string> = new Set(['no-services', 'node-unknown', 'node-not-found']);

function nothing(reason: string): Diagnostic {
  const hint = 'an empty cluster is no empty input: kubectl get -o json prints a List without items for it';
  return diagnose('nothing-to-compile', { message: `${reason}; no rules are printed`, hint });
}
