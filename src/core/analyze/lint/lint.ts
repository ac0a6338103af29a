import type { Severity } from '../../diag/diagnostic.ts';
import { compareBy } from '../../util/order.ts';
import type { Finding } from './finding.ts';
import { LintContext } from './lint-context.ts';
import type { LintInput } from './lint-input.ts';
import type { LintRule } from './lint-rule.ts';
import { lintRules } from './lint-rules.ts';

export interface LintOptions {
  /** Codes of rules that are not asked. */
  readonly ignore?: readonly string[];
  /** Default: all that there are. */
  readonly rules?: readonly LintRule[];
}

/**
 * Asks every lint rule about the rules of a node. Pure and total; the same input in whatever order gives the same findings, errors
 * first, then by place.
 */
export function lint(input: LintInput, options: LintOptions = {}): readonly Finding[] {
  const context = new LintContext(input);
  const ignored = new Set(options.ignore);
  const findings: Finding[] = [];
  for (const rule of options.rules ?? lintRules) {
    if (ignored.has(rule.code)) continue;
    for (const found of rule.check(context)) {
      findings.push({
        code: rule.code,
        severity: found.severity ?? rule.severity,
        message: found.message,
        place: found.place,
        service: found.service,
        related: found.related ?? [],
        fix: found.fix ?? rule.fix,
      });
    }
  }
  return findings.sort(compareFindings);
}

const SEVERITY_ORDER: { readonly [S in Severity]: number } = { error: 0, warning: 1, info: 2 };

const compareFindings: (a: Finding, b: Finding) => number = compareBy<Finding>(
  ({ severity }) => SEVERITY_ORDER[severity],
  ({ place }) => place?.file ?? '',
  ({ place }) => place?.family ?? '',
  ({ place }) => place?.line ?? 0,
  ({ code }) => code,
  ({ service }) => service ?? '',
  ({ message }) => message,
);

/** Whether a finding is at least as bad as that. */
export function isAtLeast(severity: Severity, least: Severity): boolean {
  return SEVERITY_ORDER[severity] <= SEVERITY_ORDER[least];
}
