import type { Owner } from './rule-program.ts';

export interface RunOptions {
  /** Whose rules are not there: with `other`, policies are not either, and it is kept who let packets through. */
  readonly without: Owner | undefined;
  /** Keep the rules that matched. */
  readonly record: boolean;
  /** The bits of the mark that are 0 when a packet comes. */
  readonly zeroBits: number;
  /** The bits of the mark that kube-proxy may change. */
  readonly ownBits: number;
}
