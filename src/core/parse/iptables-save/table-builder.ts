import type { SavedChain, SavedTable } from '../../ruleset/saved-rules.ts';
import { ChainBuilder } from './chain-builder.ts';
import { undeclaredIn } from './undeclared-chains.ts';

/** Collects one table while a dump is read. */
export class TableBuilder {
  readonly name: string;
  /** Of its header, or of whatever else began it. */
  readonly line: number;
  readonly #chains = new Map<string, ChainBuilder>();
  #hasGap = false;

  constructor(name: string, line: number) {
    this.name = name;
    this.line = line;
  }

  /** The chain of that name, made if it was not there; `line` is that of whatever names it. */
  chain(name: string, line: number): ChainBuilder {
    const known = this.#chains.get(name);
    if (known !== undefined) return known;
    const chain = new ChainBuilder(name, line);
    this.#chains.set(name, chain);
    return chain;
  }

  /** Something of it may be missing. */
  gap(): void {
    this.#hasGap = true;
  }

  build(): SavedTable {
    const chains = new Map<string, SavedChain>();
    for (const chain of this.#chains.values()) chains.set(chain.name, chain.build());
    const isExcerpt = this.#hasGap || undeclaredIn(chains).length > 0;
    return { name: this.name, chains, ...(isExcerpt ? { excerpt: true } : {}) };
  }
}
