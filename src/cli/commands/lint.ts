import { hasErrors, type Diagnostic, type Severity } from '../../core/diag/diagnostic.ts';
import { isAtLeast, lint } from '../../core/analyze/lint/lint.ts';
import { lintRules } from '../../core/analyze/lint/lint-rules.ts';
import type { LintConntrack, LintDump, LintSnapshot } from '../../core/analyze/lint/lint-input.ts';
import { parseConntrack } from '../../core/parse/conntrack/parse-conntrack.ts';
import { didYouMean } from '../../core/util/suggestion.ts';
import { readRulesets } from '../../host/sources/read-dump.ts';
import { readTextFile } from '../../host/sources/read-text-file.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import type { RulesFlags } from '../options/rules-options.ts';
import { paint, wantsColor } from '../output/colors.ts';
import { printLint } from '../output/print-lint.ts';
import { printLintJson } from '../output/print-lint-json.ts';
import { printLintRules } from '../output/print-lint-rules.ts';
import { printLintSarif } from '../output/print-lint-sarif.ts';
import { writeErr, writeOut } from '../output/streams.ts';
import { UsageError } from '../usage-error.ts';
import { readVersion } from '../version.ts';
import { chooseHostNode, refuseBadNodeName } from './choose-host-node.ts';
import { dumpsOfNode } from './lint-node.ts';
import { lintSnapshot } from './lint-snapshot.ts';
import { loadConfig } from './load-config.ts';
import { readInput } from './read-input.ts';
import { reportInput } from './show-plan.ts';

export interface LintFlags extends GlobalOptions, RulesFlags {
  readonly filename?: readonly string[];
  readonly conntrack?: string;
  readonly ignore?: readonly string[];
  readonly severity: Severity;
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
  const dumps = await readAll(paths, flags.quiet === true);
  const conntrack = await readConntrack(flags.conntrack);
  const cluster = await readCluster(flags);
  const diagnostics = [...dumps.flatMap((dump) => dump.diagnostics), ...conntrack.diagnostics, ...cluster.diagnostics];
  const unreadable = dumps.every(({ ruleset }) => ruleset.tables.length === 0) || hasErrors(conntrack.diagnostics);
  if (unreadable || (flags.filename !== undefined && cluster.snapshot === undefined)) {
    await reportInput(diagnostics, cluster.note, flags);
    return 1;
  }
  const input = { dumps, snapshot: cluster.snapshot, conntrack: conntrack.listing };
  const findings = lint(input, { ignore: flags.ignore ?? [] });
  const view = { findings, dumps, diagnostics };
  if (flags.output === 'json') await writeOut(printLintJson(view));
  else if (flags.output === 'sarif') await writeOut(printLintSarif(findings, lintRules, readVersion()));
  else await writeOut(printLint(view, { paint: style, verbose: flags.verbose === true }));
  await reportInput(diagnostics, cluster.note, flags);
  if (findings.some(({ severity }) => isAtLeast(severity, flags.severity))) return FINDINGS;
  return hasErrors(diagnostics) ? 1 : 0;
}

function refuseContradictions({ filename, conntrack, ignore = [], node }: LintFlags, paths: readonly string[]): void {
  refuseBadNodeName(node);
  const fromStdin = [...paths, ...(filename ?? []), conntrack].filter((path) => path === '-');
  if (fromStdin.length > 1) throw new UsageError('standard input can be read once only; name files for the others');
  const codes = lintRules.map(({ code }) => code);
  const unknown = ignore.find((code) => !codes.includes(code));
  if (unknown === undefined) return;
  const near = didYouMean(unknown, codes);
  const advice = `${near === undefined ? '' : `Did you mean ${near}? `}"chainsmith lint --list" lists them all.`;
  throw new UsageError(`--ignore ${JSON.stringify(unknown)}: there is no such rule`, advice);
}

async function readAll(paths: readonly string[], quiet: boolean): Promise<readonly LintDump[]> {
  if (paths.length > 0) return (await Promise.all(paths.map((path) => readRulesets(path)))).flat();
  if (!process.stdin.isTTY) return await readRulesets('-');
  const { dumps, note } = await dumpsOfNode();
  if (!quiet) await writeErr(note);
  return dumps;
}

async function readConntrack(
  path: string | undefined,
): Promise<{ readonly listing: LintConntrack | undefined; readonly diagnostics: readonly Diagnostic[] }> {
  if (path === undefined) return { listing: undefined, diagnostics: [] };
  const file = path === '-' ? '<stdin>' : path;
  const { entries, diagnostics } = parseConntrack(await readTextFile(path), { file });
  return { listing: { file, entries }, diagnostics };
}

interface ReadCluster {
  readonly snapshot: LintSnapshot | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly note: string;
}

async function readCluster(flags: LintFlags): Promise<ReadCluster> {
  const { filename } = flags;
  if (filename === undefined) return { snapshot: undefined, diagnostics: [], note: '' };
  const input = await readInput({ filename, quiet: flags.quiet ?? false });
  const config = await loadConfig(flags);
  const before = [...input.read.diagnostics, ...config.diagnostics];
  if (hasErrors(config.diagnostics)) return { snapshot: undefined, diagnostics: before, note: '' };
  const { node, note } = chooseHostNode(flags.node, config.options.config, input);
  const { zone, nodeIp: nodeIps = [], localIp: localIps = [], defaults: applyDefaults } = flags;
  const options = { ...config.options, node, zone, nodeIps, localIps, applyDefaults, locations: input.read.locations };
  const { snapshot, diagnostics } = lintSnapshot(input.read.documents, options);
  return { snapshot, diagnostics: [...before, ...diagnostics], note };
}
