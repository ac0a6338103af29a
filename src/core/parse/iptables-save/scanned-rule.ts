import type { RuleWord } from '../../ruleset/rule-words.ts';
import type { Extension, OptionUse } from './extension.ts';

/** `-m NAME` or `-j NAME` with the options that belong to it. */
export interface ScannedExtension<T> {
  readonly name: string;
  readonly column: number;
  /** Undefined: nothing is known of its options. */
  readonly extension: Extension<T> | undefined;
  readonly uses: OptionUse[];
  /** All words of its options, as they were written. */
  readonly words: string[];
}

/** The value of one of iptables' own options. */
export interface ScannedValue {
  readonly word: RuleWord;
  readonly value: string;
  readonly negated: boolean;
}
