/** What the compiler makes of a golden case, as the files that the case expects. */
import type { GoldenCase } from './golden-case.ts';
import { compile } from '../../src/core/compile/compile.ts';
import { printRules } from '../../src/core/compile/print-rules.ts';
import { compileDocuments } from '../../src/cli/commands/compile-documents.ts';
import { diagnosticsText } from '../../src/cli/output/diagnostics-text.ts';

/** Files that the runner writes; everything else in a case is written by a person. */
export const PRODUCED: readonly string[] = ['iptables.rules', 'ip6tables.rules', 'diagnostics.txt'];

/** Stands for the rules of the same options without any Service; most cases concern one family only. */
export const NOTHING_BUT_FIXED = '# nothing but the fixed chains\n';

export interface GoldenOutput {
  /** File name to text. */
  readonly files: ReadonlyMap<string, string>;
  /** The rules in full, for flows and structure. */
  readonly rules: { readonly ipv4?: string; readonly ipv6?: string };
}

export function produce({ documents, locations, options }: GoldenCase): GoldenOutput {
  const result = compileDocuments({ documents, locations, diagnostics: [] }, options);
  const nodes = documents.filter((d) => typeof d === 'object' && d !== null && 'kind' in d && d.kind === 'Node');
  const fixed = new Map(compile(nodes, options).rules.map((r) => [r.family, printRules(r)]));
  const files = new Map<string, string>();
  const full = new Map<string, string>();
  for (const rules of result.rules) {
    const text = printRules(rules);
    full.set(rules.family, text);
    const file = rules.family === 'ipv4' ? 'iptables.rules' : 'ip6tables.rules';
    files.set(file, text === fixed.get(rules.family) && !showsFixed(documents) ? NOTHING_BUT_FIXED : text);
  }
  files.set('diagnostics.txt', diagnosticsText(result.diagnostics));
  const [ipv4, ipv6] = [full.get('ipv4'), full.get('ipv6')];
  return { files, rules: { ...(ipv4 === undefined ? {} : { ipv4 }), ...(ipv6 === undefined ? {} : { ipv6 }) } };
}

/** A case without Services is about the fixed chains themselves. */
function showsFixed(documents: readonly unknown[]): boolean {
  return documents.every((d) => typeof d !== 'object' || d === null || ('kind' in d && d.kind === 'Node'));
}
