import type { Match } from './match.ts';
import type { Negatable, NetworkMatch, ProtocolMatch, TextMatch } from './rule-values.ts';
import type { Target } from './target.ts';

/** One rule, read. Fields that are undefined were not given, and match everything. */
export interface Rule {
  readonly chain: string;
  readonly source: NetworkMatch | UnreadableAddress | undefined;
  readonly destination: NetworkMatch | UnreadableAddress | undefined;
  /** A name, or the beginning of one and `+`. */
  readonly inInterface: TextMatch | undefined;
  readonly outInterface: TextMatch | undefined;
  readonly protocol: ProtocolMatch | undefined;
  /** Second and further fragments only (`-f`); not negated is what people call fragment. */
  readonly fragment: Negatable | undefined;
  /** In the order of the rule; the kernel asks them one after the other. The same match can occur several times. */
  readonly matches: readonly Match[];
  readonly target: Target;
  /**
   * Words that belong to no option. A rule with such words is not understood: all its words are printed as they were written, with one blank
   * between them, and what was read of it must not be relied on.
   */
  readonly leftover: readonly string[];
  /** The line that it was read from. */
  readonly text: string;
}

/** What stands where an address should: a host name, a list of addresses, a placeholder. */
export interface UnreadableAddress extends Negatable {
  readonly network: undefined;
  readonly text: string;
}
