import { tableNames, type CompiledChain, type CompiledRules } from '../ruleset/compiled-rules.ts';

export interface PrintOptions {
  /** A comment line before each chain that says what it does. */
  readonly explain?: boolean;
}

type PrintedRules = Pick<CompiledRules, 'family' | 'chains' | 'ipvs'>;

/** Input for iptables-restore, spelled as iptables-save would print it back. */
export function printRules(rules: PrintedRules, options: PrintOptions = {}): string {
  return [...printedParts(rules, options)].join('');
}

/** Chains per part: some 300 kB of text. */
const PART_CHAINS = 1000;

/** The same text in parts, for what is written at once: a large cluster's rules are 16 MB, and a text and its bytes would be held. */
export function* printedParts(rules: PrintedRules, options: PrintOptions = {}): Generator<string> {
  const rulesOf =
    options.explain === true ? (c: CompiledChain) => explanation(c) + c.rules : (c: CompiledChain) => c.rules;
  for (const table of tableNames) {
    const chains = rules.chains.filter((chain) => chain.table === table);
    // The ipvs mode has nothing in mangle.
    if (chains.length === 0 && rules.ipvs !== undefined) continue;
    yield `*${table}\n`;
    yield* joined(chains, ({ name, policy }) => `:${name} ${policy} [0:0]\n`);
    yield* joined(chains, rulesOf);
    yield 'COMMIT\n';
  }
}

function* joined(chains: readonly CompiledChain[], print: (chain: CompiledChain) => string): Generator<string> {
  for (let from = 0; from < chains.length; from += PART_CHAINS) {
    yield chains
      .slice(from, from + PART_CHAINS)
      .map(print)
      .join('');
  }
}

function explanation(chain: CompiledChain): string {
  if (chain.policy === 'ACCEPT' && chain.rules === '') return '';
  return `# ${chain.name}: ${chain.purpose}\n`;
}
