import { sortDiagnostics, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { canonicalRule } from '../../core/parse/iptables-save/canonical-rule.ts';
import type { PlanDocument } from '../../core/plan/document/plan-document.ts';
import { fingerprint } from '../../core/plan/fingerprint.ts';
import { ipvsFingerprint } from '../../core/plan/ipvs/fingerprint-ipvs.ts';
import type { IpvsState } from '../../core/plan/ipvs/ipvs-state.ts';
import type { Plan } from '../../core/plan/plan.ts';
import { summarizeFamily } from '../../core/plan/summarize-plan.ts';
import type { FamilySummary } from '../../core/plan/summary/summary.ts';
import type { CompiledRules } from '../../core/ruleset/compiled-rules.ts';
import type { Observation } from '../../host/iptables/observe.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { nameFlags } from '../options/name-flags.ts';
import { paint, wantsColor } from '../output/colors.ts';
import { printPlan } from '../output/print-plan.ts';
import { printReport } from '../output/print-report.ts';
import { writeErr } from '../output/streams.ts';

/** A plan and what it was made of. */
export interface PlanBasis {
  readonly plan: Plan;
  readonly observed: readonly Observation[];
  readonly desired: readonly CompiledRules[];
  /** Where the plan is about IPVS as well. */
  readonly ipvs?: IpvsState;
}

export interface ShowFlags extends GlobalOptions {
  readonly diff?: boolean;
}

/** The plan as text for standard output. */
export function showPlan(basis: PlanBasis, { diff = false, verbose = false, color }: ShowFlags): string {
  const view = { plan: basis.plan, summaries: planSummaries(basis) };
  return printPlan(view, { diff, verbose, paint: paint(wantsColor(color, process.stdout)) });
}

/** The plan as a document that `apply` can carry out later. */
export function planDocument(
  basis: PlanBasis,
  { node, variant, incomplete }: Pick<PlanDocument, 'node' | 'variant' | 'incomplete'>,
): PlanDocument {
  const { plan, observed, ipvs } = basis;
  return {
    node,
    variant,
    ...(incomplete === undefined ? {} : { incomplete }),
    fingerprint: {
      ...Object.fromEntries(observed.map(({ family, saved }) => [family, fingerprint(saved)])),
      ...(ipvs === undefined ? {} : { ipvs: ipvsFingerprint(ipvs) }),
    },
    plan,
    summaries: planSummaries(basis),
  };
}

export function planSummaries({ plan, observed, desired }: PlanBasis): readonly FamilySummary[] {
  return plan.families.flatMap((family) => {
    const current = observed.find((o) => o.family === family.family)?.saved;
    const rules = desired.find((r) => r.family === family.family);
    if (current === undefined || rules === undefined) return [];
    const canonical = (line: string): string => canonicalRule(line, family.family);
    return [summarizeFamily(family, { current, desired: rules, canonical })];
  });
}

/** What was found in the input, on standard error. */
export async function reportInput(
  diagnostics: readonly Diagnostic[],
  note: string,
  flags: GlobalOptions,
): Promise<void> {
  const { quiet = false, verbose = false } = flags;
  const silenced = new Set<string>(flags.silence ?? []);
  const shown = nameFlags(sortDiagnostics(diagnostics), { ...flags }).filter((d) => !silenced.has(d.code));
  const report = printReport(shown, { quiet, verbose, paint: paint(wantsColor(flags.color, process.stderr)) });
  await writeErr(quiet ? report : note + report);
}
