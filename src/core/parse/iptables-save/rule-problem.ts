/** Something of a rule that iptables would not take, or that cannot be read. The rule is kept all the same. */
export interface RuleProblem {
  /**
   * `rule-syntax`: the words do not make a rule. `rule-bad-value`: an option has a value that it cannot have, or lacks what it needs.
   * `rule-note`: something stands behind the rule that is none of its words.
   */
  readonly code: 'rule-syntax' | 'rule-bad-value' | 'rule-note';
  readonly message: string;
  /** From 1, in the rule's own text. */
  readonly column: number;
}
