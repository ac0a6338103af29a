import { sortDiagnostics, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { isEmptyPlan } from '../../core/plan/plan.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { nameFlags } from '../options/name-flags.ts';
import { paint, wantsColor } from '../output/colors.ts';
import { printReport } from '../output/print-report.ts';
import { writeErr } from '../output/streams.ts';
import type { NodePlan } from './make-plan.ts';

export function showPlan({ plan }: NodePlan, _flags: GlobalOptions): string {
  return isEmptyPlan(plan) ? 'No changes.\n' : `${plan.families.map((f) => f.changes.length).join('+')} changes\n`;
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
