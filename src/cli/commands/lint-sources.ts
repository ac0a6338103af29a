// What lint and report read.
import type { LintConntrack, LintDump, LintIpvs, LintSets, LintSnapshot } from '../../core/analyze/lint/lint-input.ts';
import { lintRules } from '../../core/analyze/lint/lint-rules.ts';
import { hasErrors, type Diagnostic } from '../../core/diag/diagnostic.ts';
import type { SourceLocation } from '../../core/diag/source-location.ts';
import { parseConntrack } from '../../core/parse/conntrack/parse-conntrack.ts';
import { didYouMean } from '../../core/util/suggestion.ts';
import { readIpSets } from '../../host/sources/read-ipsets.ts';
import { readIpvs } from '../../host/sources/read-ipvs.ts';
import { readRulesets } from '../../host/sources/read-dump.ts';
import { readTextFile } from '../../host/sources/read-text-file.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import type { RulesFlags } from '../options/rules-options.ts';
import { writeErr } from '../output/streams.ts';
import { UsageError } from '../usage-error.ts';
import { chooseHostNode } from './choose-host-node.ts';
import { dumpsOfNode } from './lint-node.ts';
import { lintSnapshot } from './lint-snapshot.ts';
import { loadConfig } from './load-config.ts';
import { readInput } from './read-input.ts';

/** The dumps that are named, standard input, or as root on a terminal this node. */
export async function readLintDumps(
  paths: readonly string[],
  { command, quiet }: { readonly command: string; readonly quiet: boolean },
): Promise<readonly LintDump[]> {
  if (paths.length > 0) return (await Promise.all(paths.map((path) => readRulesets(path)))).flat();
  if (!process.stdin.isTTY) return await readRulesets('-');
  const { dumps, note } = await dumpsOfNode(command);
  if (!quiet) await writeErr(note);
  return dumps;
}

/** What `conntrack -L` printed; no path, no listing. */
export async function readConntrack(
  path: string | undefined,
): Promise<{ readonly listing: LintConntrack | undefined; readonly diagnostics: readonly Diagnostic[] }> {
  if (path === undefined) return { listing: undefined, diagnostics: [] };
  const file = path === '-' ? '<stdin>' : path;
  const { entries, diagnostics } = parseConntrack(await readTextFile(path), { file });
  return { listing: { file, entries }, diagnostics };
}

/** What `ipvsadm -Sn` and `ipset save` printed; of a part of the virtual servers nothing can be said. */
export async function readLintIpvs({ ipvs, ipset }: { readonly ipvs?: string; readonly ipset?: string }): Promise<{
  readonly ipvs: LintIpvs | undefined;
  readonly sets: LintSets | undefined;
  readonly diagnostics: readonly Diagnostic[];
}> {
  const servers = ipvs === undefined ? undefined : await readIpvs(ipvs);
  const sets = ipset === undefined ? undefined : await readIpSets(ipset);
  const nameOf = (path: string | undefined): string => (path === '-' || path === undefined ? '<stdin>' : path);
  return {
    ipvs:
      servers === undefined || hasErrors(servers.diagnostics)
        ? undefined
        : { file: nameOf(ipvs), table: servers.table },
    sets: sets === undefined ? undefined : { file: nameOf(ipset), sets: sets.sets },
    diagnostics: [...(servers?.diagnostics ?? []), ...(sets?.diagnostics ?? [])],
  };
}

/** The options that say what the cluster is like. */
export interface ClusterFileFlags extends GlobalOptions, RulesFlags {
  readonly filename?: readonly string[];
}

export interface ReadCluster {
  /** As they were read; none without -f. */
  readonly documents: readonly unknown[];
  readonly locations: readonly SourceLocation[];
  /** The node that was chosen, by its name. */
  readonly node: string | undefined;
  readonly snapshot: LintSnapshot | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly note: string;
}

const NO_CLUSTER: ReadCluster = {
  documents: [],
  locations: [],
  node: undefined,
  snapshot: undefined,
  diagnostics: [],
  note: '',
};

/** What -f names, ready to be compared with rules. */
export async function readCluster(flags: ClusterFileFlags): Promise<ReadCluster> {
  const { filename } = flags;
  if (filename === undefined) return NO_CLUSTER;
  const input = await readInput({ filename, quiet: flags.quiet ?? false });
  const config = await loadConfig(flags);
  const before = [...input.read.diagnostics, ...config.diagnostics];
  if (hasErrors(config.diagnostics)) return { ...NO_CLUSTER, diagnostics: before };
  const { node, note } = chooseHostNode(flags.node, config.options.config, input);
  const { zone, nodeIp: nodeIps = [], localIp: localIps = [], defaults: applyDefaults } = flags;
  const options = { ...config.options, node, zone, nodeIps, localIps, applyDefaults, locations: input.read.locations };
  const { snapshot, diagnostics } = lintSnapshot(input.read.documents, options);
  const { documents, locations } = input.read;
  return { documents, locations, node, snapshot, diagnostics: [...before, ...diagnostics], note };
}

/** For --ignore. */
export function refuseUnknownRules(ignore: readonly string[]): void {
  const codes = lintRules.map(({ code }) => code);
  const unknown = ignore.find((code) => !codes.includes(code));
  if (unknown === undefined) return;
  const near = didYouMean(unknown, codes);
  const advice = `${near === undefined ? '' : `Did you mean ${near}? `}"chainsmith lint --list" lists them all.`;
  throw new UsageError(`--ignore ${JSON.stringify(unknown)}: there is no such rule`, advice);
}
