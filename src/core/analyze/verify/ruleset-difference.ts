import type { ActualOutcome, BlamedRule, Undecided } from './difference.ts';
import type { ExamplePacket } from './example.ts';

/** What two rule sets do differently. */
export type ChangeKind =
  /** Other endpoints. */
  | 'endpoints'
  /** The same endpoints, with other chances. */
  | 'shares'
  /** The same endpoints; the source is translated in another way. */
  | 'source'
  /** Let through here, refused there, or in another way. */
  | 'verdict'
  /** Marks, connection marks, or the lists that remember clients. */
  | 'traces';

export interface RulesetDifference {
  readonly kind: ChangeKind;
  /** `namespace/name:port` by the comments of the rules; undefined where there are none. */
  readonly service: string | undefined;
  readonly packet: ExamplePacket;
  readonly before: readonly ActualOutcome[];
  readonly after: readonly ActualOutcome[];
  /** The rules that matched in one and not in the other. */
  readonly rulesBefore: readonly BlamedRule[];
  readonly rulesAfter: readonly BlamedRule[];
}

export interface CompareResult {
  /** `undecided` only if there is no difference. */
  readonly verdict: 'same' | 'different' | 'undecided';
  /** One for each Service and kind; else one for each cause. */
  readonly differences: readonly RulesetDifference[];
  readonly undecided: readonly Undecided[];
  readonly stats: { readonly rulesBefore: number; readonly rulesAfter: number; readonly classes: number };
}
