import { compile, type CompileOptions } from '../../../src/core/compile/compile.ts';
import { printRules } from '../../../src/core/compile/print-rules.ts';
import type { Family } from '../../../scripts/lab/addresses.ts';

/** iptables-restore input of one family, for node-a. An error diagnostic is thrown: what is tested must be whole. */
export function compileText(documents: readonly unknown[], family: Family, options: CompileOptions): string {
  const { rules, diagnostics } = compile(documents, { node: 'node-a', ...options, families: [family] });
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
  const [compiled] = rules;
  if (compiled === undefined || errors.length > 0) {
    throw new Error(`does not compile: ${errors.map((error) => error.message).join('; ')}`);
  }
  return printRules(compiled);
}
