import type { CompileOptions, CompileResult } from '../../core/compile/compile.ts';
import { hasErrors } from '../../core/diag/diagnostic.ts';
import { readSources } from '../../host/sources/read-sources.ts';
import type { IpFamily } from '../../core/model/ip.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { nameFlags } from '../options/name-flags.ts';
import { paint, wantsColor } from '../output/colors.ts';
import { printReport } from '../output/print-report.ts';
import { writeErr } from '../output/streams.ts';
import { isDnsSubdomain } from '../../core/model/names.ts';
import { UsageError } from '../usage-error.ts';
import { compileDocuments } from './compile-documents.ts';
import { loadConfig, loadTemplates } from './compile-inputs.ts';
import { otherFamilyNote } from './other-family-note.ts';
import { writeRules, type OutputFormat } from './write-rules.ts';

/** The options of `compile` as commander stores them. */
export interface CompileFlags extends GlobalOptions {
  readonly filename?: readonly string[];
  readonly config?: string;
  readonly family: IpFamily;
  readonly output: OutputFormat;
  readonly out?: string;
  readonly explain?: boolean;
  readonly templates?: string;
  readonly node?: string;
  readonly nodeIp?: readonly string[];
  readonly localIp?: readonly string[];
  readonly zone?: string;
  readonly defaults: boolean;
  readonly serviceCidr?: readonly string[];
  readonly serviceNodePortRange?: string;
  readonly nfacct?: boolean;
  readonly randomFully: boolean;
}

export interface CommandLine {
  /** Words that belong to no option. */
  readonly extra: readonly string[];
  readonly familyGiven: boolean;
}

/** Reads, compiles, prints the rules, then the diagnostics: on a terminal the last thing printed is what is seen. */
export async function runCompile(flags: CompileFlags, line: CommandLine): Promise<number> {
  const paths = checkedPaths(flags, line);
  const { result, note: familyNote } = await compileFrom(paths, flags);
  const silenced = new Set<string>(flags.silence ?? []);
  const diagnostics = nameFlags(result.diagnostics, { ...flags }).filter((d) => !silenced.has(d.code));
  const note = await writeRules({ ...result, diagnostics }, flags);
  const { quiet = false, verbose = false } = flags;
  const report = printReport(diagnostics, { quiet, verbose, paint: paint(wantsColor(flags.color, process.stderr)) });
  await writeErr(quiet ? report : familyNote + note + report);
  return hasErrors(diagnostics) ? 1 : 0;
}

const NO_INPUT = `Rules cannot be compiled from a live cluster yet. Let kubectl read it:
  kubectl get services,endpointslices,nodes,pods -A -o json | chainsmith compile -f -`;

function checkedPaths(flags: CompileFlags, { extra, familyGiven }: CommandLine): readonly string[] {
  const [word] = extra;
  if (word !== undefined) {
    throw new UsageError(
      `unexpected argument "${word}"`,
      `Manifests are named by -f: chainsmith compile -f ${extra.join(' ')}`,
    );
  }
  refuseBadNodeName(flags.node);
  const paths = flags.filename;
  if (paths === undefined) throw new UsageError('no input: name manifests with -f FILE, -f DIR or -f -', NO_INPUT);
  if (paths.includes('-') && flags.config === '-')
    throw new UsageError('-f - and --config - cannot both read standard input');
  if (flags.out !== undefined && familyGiven) throw new UsageError('--out writes both families; leave --family out');
  if (flags.out !== undefined && flags.output !== 'text') {
    throw new UsageError(`--out writes rules as text; print -o ${flags.output} to standard output`);
  }
  return paths;
}

/** Such a name matches no Node and no endpoint, and a blank at its end is not even seen in a message. */
function refuseBadNodeName(name: string | undefined): void {
  if (name === undefined || isDnsSubdomain(name)) return;
  const advice = 'Names of nodes are made of a-z, 0-9, "-" and ".", as kubectl get nodes prints them';
  throw new UsageError(`--node ${JSON.stringify(name)} can be no node's name`, advice);
}

interface Compiled {
  readonly result: CompileResult;
  /** What is not about the input, but about what was asked for. */
  readonly note: string;
}

async function compileFrom(paths: readonly string[], flags: CompileFlags): Promise<Compiled> {
  if (paths.includes('-') && process.stdin.isTTY) await writeErr('reading standard input; end it with Ctrl-D\n');
  const sources = await readSources(paths);
  const config = await loadConfig(flags);
  const templates = await loadTemplates(flags.templates);
  const before = [...sources.diagnostics, ...config.diagnostics, ...templates.diagnostics];
  if (hasErrors([...config.diagnostics, ...templates.diagnostics])) {
    return { result: { rules: [], diagnostics: before }, note: '' };
  }
  const read = { ...sources, diagnostics: before };
  const options: CompileOptions = {
    ...config.options,
    ...templates.options,
    ...nodeOptions(flags),
    families: flags.out === undefined ? [flags.family] : ['ipv4', 'ipv6'],
    applyDefaults: flags.defaults,
    randomFully: flags.randomFully,
    nfacct: flags.nfacct ?? false,
    ...(flags.serviceCidr === undefined ? {} : { serviceCidrs: flags.serviceCidr }),
    ...(flags.serviceNodePortRange === undefined ? {} : { nodePortRange: flags.serviceNodePortRange }),
  };
  const result = compileDocuments(read, options);
  const compileFamily = (family: IpFamily): CompileResult['rules'] =>
    compileDocuments(read, { ...options, families: [family] }).rules;
  return { result, note: flags.quiet === true ? '' : otherFamilyNote(result.rules, compileFamily) };
}

function nodeOptions({ node, nodeIp, localIp, zone }: CompileFlags): NodeOptions {
  return {
    ...(node === undefined ? {} : { node }),
    ...(nodeIp === undefined ? {} : { nodeIps: nodeIp }),
    ...(localIp === undefined ? {} : { localIps: localIp }),
    ...(zone === undefined ? {} : { zone }),
  };
}

interface NodeOptions {
  readonly node?: string;
  readonly nodeIps?: readonly string[];
  readonly localIps?: readonly string[];
  readonly zone?: string;
}
