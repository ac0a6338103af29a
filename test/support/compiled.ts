import { compile, type CompileOptions, type CompileResult } from '../../src/core/compile/compile.ts';
import { printRules } from '../../src/core/compile/print-rules.ts';
import type { JsonObject } from './json.ts';

export const CLUSTER_CIDR: JsonObject = { clusterCIDR: '10.244.0.0/16,fd00:10:244::/56' };

export interface Compiled {
  /** IPv4 and IPv6. */
  readonly texts: readonly string[];
  readonly diagnostics: CompileResult['diagnostics'];
}

/** Compiles for node-a, with a cluster CIDR unless told otherwise. */
export function compiled(documents: readonly unknown[], options: CompileOptions = {}): Compiled {
  const { rules, diagnostics } = compile(documents, { config: CLUSTER_CIDR, node: 'node-a', ...options });
  return { texts: rules.map((r) => printRules(r)), diagnostics };
}
