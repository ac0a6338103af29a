import type { OptionReader } from './option-reader.ts';

/** What follows an option: nothing, one word, two words, or one word that may look like an option (a text that people chose). */
export type OptionShape = 0 | 1 | 2 | 'text';

/** A match or target whose options are known. */
export interface Extension<T> {
  readonly options: ReadonlyMap<string, OptionShape>;
  /** Other names of its options. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Makes the typed value of its options; whatever is wrong with them is told to the reader. */
  readonly read: (options: OptionReader) => T;
}

/** `aliases` maps an option's other name to its own. */
export function extension<T>(
  options: Readonly<Record<string, OptionShape>>,
  read: (options: OptionReader) => T,
  aliases: Readonly<Record<string, string>> = {},
): Extension<T> {
  return { options: new Map(Object.entries(options)), aliases: new Map(Object.entries(aliases)), read };
}

/** One use of an option in a rule. */
export interface OptionUse {
  /** Its own name, whatever alias or beginning of it was written. */
  readonly name: string;
  readonly negated: boolean;
  readonly values: readonly string[];
  /** Of the option, from 1. */
  readonly column: number;
}
