import type { CompiledChain, CompiledRules, TableName } from './compiled-rules.ts';

/** The tables in the order of iptables-nft-save. */
export const tableNames: readonly TableName[] = ['mangle', 'filter', 'nat'];

export interface PrintOptions {
  /** A comment line before each chain that says what it does. */
  readonly explain?: boolean;
}

/** Input for iptables-restore, spelled as iptables-save would print it back. */
export function printRules(rules: CompiledRules, options: PrintOptions = {}): string {
  const parts: string[] = [];
  for (const table of tableNames) {
    const chains = rules.chains.filter((chain) => chain.table === table);
    parts.push(`*${table}\n`);
    for (const { name, policy } of chains) parts.push(`:${name} ${policy} [0:0]\n`);
    for (const chain of chains) {
      if (options.explain === true) parts.push(explanation(chain));
      parts.push(chain.rules);
    }
    parts.push('COMMIT\n');
  }
  return parts.join('');
}

function explanation(chain: CompiledChain): string {
  if (chain.policy === 'ACCEPT' && chain.rules === '') return '';
  return `# ${chain.name}: ${chain.purpose}\n`;
}
