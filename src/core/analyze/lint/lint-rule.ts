import type { Severity } from '../../diag/diagnostic.ts';
import type { Found } from './finding.ts';
import type { LintContext } from './lint-context.ts';

/** What a check needs besides the rules of one dump; without it the check finds nothing. */
export type LintNeed = 'rules' | 'two-variants' | 'snapshot' | 'conntrack' | 'ipvs' | 'ipvs-and-sets';

/**
 * One thing that must hold of the rules of a node. The texts are for people, plain and complete; `chainsmith explain` and docs/lint.md
 * print them.
 */
export interface LintRule {
  /** Stable, kebab-case, and no code of a diagnostic: scripts match on it. */
  readonly code: string;
  /**
   * - `error`: traffic of a Service is lost, goes where it should not, or something else is broken or open;
   * - `warning`: it works, and not as it should;
   * - `info`: it is as kube-proxy makes it, and explains what people wonder about.
   */
  readonly severity: Severity;
  /** A few words, no full stop. */
  readonly title: string;
  readonly needs: LintNeed;
  /** What must hold, one sentence. */
  readonly holds: string;
  /** How it comes about and what it does to traffic. */
  readonly why: string;
  /** Where it was met: `kubernetes/kubernetes#102314`. Empty where no report is known. */
  readonly issues: readonly string[];
  /** What to do. */
  readonly fix: string;
  /** Total, and linear in the size of the input or n log n. */
  readonly check: (context: LintContext) => Iterable<Found>;
}
