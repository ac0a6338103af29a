import { hasErrors, type Severity } from '../../core/diag/diagnostic.ts';
import { isAtLeast, lint } from '../../core/analyze/lint/lint.ts';
import { lintRules } from '../../core/analyze/lint/lint-rules.ts';
import { lostSets } from '../../core/analyze/lint/lost-sets.ts';
import { listOf } from '../../core/plan/summary/summary.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import type { RulesFlags } from '../options/rules-options.ts';
import { paint, wantsColor } from '../output/colors.ts';
import { printLint } from '../output/print-lint.ts';
import { printLintJson } from '../output/print-lint-json.ts';
import { printLintRules } from '../output/print-lint-rules.ts';
import { printLintSarif, printUnreadSarif } from '../output/print-lint-sarif.ts';
import { writeErr, writeOut } from '../output/streams.ts';
import { UsageError } from '../usage-error.ts';
import { readVersion } from '../version.ts';
import { refuseBadNodeName } from './choose-host-node.ts';
import { readCluster, readConntrack, readLintDumps, readLintIpvs, refuseUnknownRules } from './lint-sources.ts';
import { reportInput } from './show-plan.ts';

export interface LintFlags extends GlobalOptions, RulesFlags {
  readonly filename?: readonly string[];
  readonly conntrack?: string;
  readonly ipvs?: string;
  readonly ipset?: string;
  readonly ignore?: readonly string[];
  readonly severity?: Severity;
  readonly output: 'text' | 'json' | 'sarif';
  readonly list?: boolean;
}

/** The exit status where something was found. */
const FINDINGS = 2;

/** Reads dumps, and whatever else is given, and prints what is wrong with them. */
export async function runLint(flags: LintFlags, paths: readonly string[]): Promise<number> {
  refuseContradictions(flags, paths);
  const style = paint(wantsColor(flags.color, process.stdout));
  if (flags.list === true) {
    await writeOut(printLintRules(lintRules, style));
    return 0;
  }
  const dumps = await readLintDumps(paths, { command: 'lint', quiet: flags.quiet === true });
  const conntrack = await readConntrack(flags.conntrack);
  const cluster = await readCluster(flags);
  const kernel = await readLintIpvs(flags);
  const diagnostics = [
    ...dumps.flatMap((dump) => dump.diagnostics),
    ...conntrack.diagnostics,
    ...kernel.diagnostics,
    ...cluster.diagnostics,
  ];
  const lost =
    kernel.sets === undefined
      ? []
      : lostSets(
          dumps.map(({ ruleset }) => ruleset),
          kernel.sets.sets,
        );
  const unreadable =
    dumps.every(({ ruleset }) => ruleset.tables.length === 0) ||
    lost.length > 0 ||
    hasErrors([...conntrack.diagnostics, ...kernel.diagnostics]);
  if (unreadable || (flags.filename !== undefined && cluster.snapshot === undefined)) {
    if (flags.output === 'json') await writeOut(printLintJson({ findings: [], diagnostics }));
    if (flags.output === 'sarif') await writeOut(printUnreadSarif(diagnostics, lintRules, readVersion()));
    await reportInput(diagnostics, cluster.note, flags);
    if (lost.length > 0) await writeErr(lostText(lost, kernel.sets?.file ?? ''));
    return 1;
  }
  const input = {
    dumps,
    snapshot: cluster.snapshot,
    conntrack: conntrack.listing,
    ipvs: kernel.ipvs,
    sets: kernel.sets,
  };
  const { severity: least } = flags;
  const all = lint(input, { ignore: flags.ignore ?? [] });
  const findings = least === undefined ? all : all.filter(({ severity }) => isAtLeast(severity, least));
  const view = { findings, dumps, diagnostics };
  if (flags.output === 'json') await writeOut(printLintJson(view));
  else if (flags.output === 'sarif') await writeOut(printLintSarif(findings, lintRules, readVersion()));
  else await writeOut(printLint(view, { paint: style, verbose: flags.verbose === true, least }));
  await reportInput(diagnostics, cluster.note, flags);
  if (findings.some(({ severity }) => isAtLeast(severity, least ?? 'warning'))) return FINDINGS;
  return hasErrors(diagnostics) ? 1 : 0;
}

/** Of half the sets nothing can be said of the rules that ask the others. */
function lostText(lost: readonly string[], file: string): string {
  const names = listOf(lost);
  return `error: ${file} has not all members of the sets that rules ask for: ${names}\ntake it again: ipset save > FILE, as root, where the rules are from\n`;
}

function refuseContradictions(
  { filename, conntrack, ipvs, ipset, ignore = [], node }: LintFlags,
  paths: readonly string[],
): void {
  refuseBadNodeName(node);
  const fromStdin = [...paths, ...(filename ?? []), conntrack, ipvs, ipset].filter((path) => path === '-');
  if (fromStdin.length > 1) throw new UsageError('standard input can be read once only; name files for the others');
  refuseUnknownRules(ignore);
}
