// STUB of the command line's branch: replaced on merge by the compiler's own file.
import type { Diagnostic } from '../diag/diagnostic.ts';
import type { SourceLocation } from '../diag/source-location.ts';
import { ipFamilies, type IpFamily } from '../model/ip.ts';
import type { TemplateSet } from '../render/compile-template.ts';
import type { CompiledRules } from './compiled-rules.ts';

export interface CompileOptions {
  readonly config?: unknown;
  readonly configLocation?: SourceLocation;
  readonly node?: string;
  readonly nodeIps?: readonly string[];
  readonly localIps?: readonly string[];
  readonly zone?: string;
  readonly applyDefaults?: boolean;
  readonly serviceCidrs?: readonly string[];
  readonly nodePortRange?: string;
  readonly nfacct?: boolean;
  readonly randomFully?: boolean;
  readonly families?: readonly IpFamily[];
  readonly templates?: TemplateSet;
  readonly locations?: readonly (SourceLocation | undefined)[];
}

export interface CompileResult {
  readonly rules: readonly CompiledRules[];
  readonly diagnostics: readonly Diagnostic[];
}

export function compile(documents: readonly unknown[], options: CompileOptions = {}): CompileResult {
  const rules = documents.map((_, i) => `-A KUBE-SERVICES -m comment --comment "document ${i}" -j RETURN\n`).join('');
  const chain = { table: 'nat', name: 'KUBE-SERVICES', policy: '-', rules, purpose: 'stub' } as const;
  return {
    rules: (options.families ?? ipFamilies).map((family) => ({ family, chains: [chain] })),
    diagnostics: [],
  };
}
