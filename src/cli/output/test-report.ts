import type { Diagnostic } from '../../core/diag/diagnostic.ts';

/** What `chainsmith test` found; printed as text, JUnit XML or TAP. */
export interface TestReport {
  /** Sorted by name. */
  readonly cases: readonly CaseReport[];
}

export interface CaseReport {
  readonly name: string;
  readonly checks: readonly CheckReport[];
  /** Why the case could not be judged, or not all of it: severity error. */
  readonly errors: readonly Diagnostic[];
  /** What else is said of its input. */
  readonly notes: readonly Diagnostic[];
  /** Expected files that `--update` wrote. */
  readonly written: readonly string[];
}

/** One expected file, or one flow in one family. */
export interface CheckReport {
  readonly kind: 'file' | 'flow';
  /** `iptables.rules`; `flow "a Pod to the clusterIP"`. */
  readonly name: string;
  /** `tests/web/flows.yaml:3` */
  readonly place: string;
  /** Why it fails, one line; undefined if it passes. */
  readonly fault: string | undefined;
  /** What helps to understand it, as lines: a unified diff, or the rules that matched. */
  readonly details: readonly string[];
}

export type CaseStatus = 'pass' | 'fail' | 'error';

export function statusOf({ checks, errors }: CaseReport): CaseStatus {
  if (errors.length > 0) return 'error';
  return checks.some(({ fault }) => fault !== undefined) ? 'fail' : 'pass';
}

export interface TestCounts {
  readonly cases: number;
  readonly pass: number;
  readonly fail: number;
  readonly error: number;
  readonly files: number;
  readonly flows: number;
}

export function countCases({ cases }: TestReport): TestCounts {
  const statuses = cases.map(statusOf);
  const checks = cases.flatMap((one) => one.checks);
  return {
    cases: cases.length,
    pass: statuses.filter((status) => status === 'pass').length,
    fail: statuses.filter((status) => status === 'fail').length,
    error: statuses.filter((status) => status === 'error').length,
    files: checks.filter(({ kind }) => kind === 'file').length,
    flows: checks.filter(({ kind }) => kind === 'flow').length,
  };
}
