// STUB of the command line's branch: replaced on merge by the compiler's own file.
import type { CompiledRules } from './compiled-rules.ts';

export function printRules(rules: CompiledRules, options: { explain?: boolean } = {}): string {
  const chains = rules.chains.map(
    (c) => `${options.explain === true ? `# ${c.purpose}\n` : ''}:${c.name} - [0:0]\n${c.rules}`,
  );
  return `*nat\n${chains.join('')}COMMIT\n`;
}
