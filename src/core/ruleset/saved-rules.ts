/**
 * An iptables-save dump with its chains as text: all that is needed to compare a node's chains with compiled ones. Rules are not
 * looked into; `rule.ts` has their typed form.
 */
export interface SavedRules {
  /** In the dump's order. A table that occurs twice is merged into its first place. */
  readonly tables: readonly SavedTable[];
}

export interface SavedTable {
  /** `nat`, `filter` ... */
  readonly name: string;
  /** In the dump's order. A chain that has rules and no declaration is there too. */
  readonly chains: ReadonlyMap<string, SavedChain>;
  /** Something of it may be missing: it was cut, filtered, or written over. Undefined: nothing shows that. */
  readonly excerpt?: true;
}

export interface SavedChain {
  readonly name: string;
  /** `ACCEPT`, `DROP` ... of a built-in chain, `-` of a user-defined one and of one that is not declared. */
  readonly policy: string;
  /** `[packets:bytes]` as printed; undefined where there is none. */
  readonly counters: string | undefined;
  readonly declared: boolean;
  /** 1-based line of its declaration, or of its first rule. */
  readonly line: number;
  /**
   * The rules' lines without counters, each `-A CHAIN ...` with a newline at its end: iptables-save's own spelling where iptables-save
   * wrote them.
   */
  readonly rules: string;
  /** `[packets:bytes]` of each rule where the dump has them (iptables-save -c), parallel to the lines of `rules`; `` for a rule without. */
  readonly ruleCounters: readonly string[] | undefined;
  /** 1-based lines of the rules in the dump: that of the first if the others follow line by line, else of each. See `lineOf`. */
  readonly ruleLines: number | readonly number[];
}

/** The 1-based line of the dump on which the chain's rule `index` (from 0) stands; undefined if there is no such rule. */
export function lineOf(chain: SavedChain, index: number): number | undefined {
  const { ruleLines } = chain;
  return typeof ruleLines === 'number' ? ruleLines + index : ruleLines[index];
}
