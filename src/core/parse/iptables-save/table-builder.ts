import type { SavedChain, SavedTable } from '../../ruleset/saved-rules.ts';
import { ChainBuilder } from './chain-builder.ts';
import type { ExpectedPart, ExpectedTable } from './expected-rules.ts';
import { ExpectedWalk, type Taken } from './expected-walk.ts';
import { undeclaredIn } from './undeclared-chains.ts';

/** Places of chains whose declarations were taken at once. */
interface Run {
  readonly from: number;
  readonly to: number;
}

/** Collects one table while a dump is read. */
export class TableBuilder {
  readonly name: string;
  /** Of its header, or of whatever else began it. */
  readonly line: number;
  /** All but those that the walk has. */
  readonly #chains = new Map<string, ChainBuilder>();
  readonly #walk: ExpectedWalk | undefined;
  /** In the dump's order. */
  readonly #order: (ChainBuilder | Run)[] = [];
  #hasGap = false;

  constructor(name: string, line: number, expected?: ExpectedTable) {
    this.name = name;
    this.line = line;
    this.#walk = expected === undefined ? undefined : new ExpectedWalk(expected);
  }

  /** The chain of that name, made if it was not there; `line` is that of whatever names it. */
  chain(name: string, line: number): ChainBuilder {
    const known = this.#chains.get(name) ?? this.#walk?.chain(name);
    if (known !== undefined) return known;
    const chain = new ChainBuilder(name, line);
    this.#chains.set(name, chain);
    this.#order.push(chain);
    return chain;
  }

  /** Takes declarations that are as expected, at an offset of a text and on a line; undefined if there are none. */
  takeDeclarations(text: string, at: number, line: number): Taken | undefined {
    if (this.#walk === undefined) return undefined;
    const from = this.#walk.declared;
    const taken = this.#walk.takeDeclarations(text, at, line, (name) => this.#chains.has(name));
    if (taken !== undefined) this.#order.push({ from, to: this.#walk.declared });
    return taken;
  }

  /** The same for rules. */
  takeRules(text: string, at: number, line: number): Taken | undefined {
    return this.#walk?.takeRules(text, at, line);
  }

  /** All that is expected of it has been read elsewhere, on lines from this one on. Returns how many; undefined: it must be read here. */
  takeAll(part: ExpectedPart, line: number): number | undefined {
    if (this.#walk === undefined) return undefined;
    if (part === 'rules') return this.#walk.takeAllRules(line);
    for (const name of this.#chains.keys()) if (this.#walk.expects(name)) return undefined;
    const lines = this.#walk.takeAllDeclarations(line);
    if (lines !== undefined) this.#order.push({ from: 0, to: lines });
    return lines;
  }

  /** A chain was declared by itself. */
  passDeclaration(name: string): void {
    this.#walk?.passDeclaration(name);
  }

  /** Rules of a chain were read one by one. */
  passRules(name: string): void {
    this.#walk?.passRules(name);
  }

  /** Something of it may be missing. */
  gap(): void {
    this.#hasGap = true;
  }

  build(): SavedTable {
    const chains = new Map<string, SavedChain>();
    for (const one of this.#order) {
      if (one instanceof ChainBuilder) chains.set(one.name, one.build());
      else this.#buildRun(one, chains);
    }
    const isExcerpt = this.#hasGap || undeclaredIn(chains).length > 0;
    return { name: this.name, chains, ...(isExcerpt ? { excerpt: true } : {}) };
  }

  #buildRun({ from, to }: Run, into: Map<string, SavedChain>): void {
    if (this.#walk === undefined) return;
    for (let place = from; place < to; place++) {
      const chain = this.#walk.build(place);
      into.set(chain.name, chain);
    }
  }
}
