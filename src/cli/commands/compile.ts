import type { CompileOptions, CompileResult } from '../../core/compile/compile.ts';
import { hasErrors } from '../../core/diag/diagnostic.ts';
import type { IpFamily } from '../../core/model/ip.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { nameFlags } from '../options/name-flags.ts';
import { paint, wantsColor } from '../output/colors.ts';
import { printReport } from '../output/print-report.ts';
import { writeErr } from '../output/streams.ts';
import { UsageError } from '../usage-error.ts';
import { chooseHostNode, refuseBadNodeName } from './choose-host-node.ts';
import { compileDocuments } from './compile-documents.ts';
import { loadConfig, loadTemplates } from './compile-inputs.ts';
import { otherFamilyNote } from './other-family-note.ts';
import { readInput, type InputFlags } from './read-input.ts';
import { writeRules, type OutputFormat } from './write-rules.ts';

/** The options of `compile` as commander stores them. */
export interface CompileFlags extends GlobalOptions, InputFlags {
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
  refuseContradictions(flags, line);
  const { result, note: inputNote } = await compileInput(flags);
  const silenced = new Set<string>(flags.silence ?? []);
  const diagnostics = nameFlags(result.diagnostics, { ...flags }).filter((d) => !silenced.has(d.code));
  const note = await writeRules({ ...result, diagnostics }, flags);
  const { quiet = false, verbose = false } = flags;
  const report = printReport(diagnostics, { quiet, verbose, paint: paint(wantsColor(flags.color, process.stderr)) });
  await writeErr(quiet ? report : inputNote + note + report);
  return hasErrors(diagnostics) ? 1 : 0;
}

function refuseContradictions(flags: CompileFlags, { extra, familyGiven }: CommandLine): void {
  const [word] = extra;
  if (word !== undefined) {
    throw new UsageError(
      `unexpected argument "${word}"`,
      `Manifests are named by -f: chainsmith compile -f ${extra.join(' ')}`,
    );
  }
  refuseBadNodeName(flags.node);
  if (flags.filename?.includes('-') === true && flags.config === '-')
    throw new UsageError('-f - and --config - cannot both read standard input');
  if (flags.out !== undefined && familyGiven) throw new UsageError('--out writes both families; leave --family out');
  if (flags.out !== undefined && flags.output !== 'text') {
    throw new UsageError(`--out writes rules as text; print -o ${flags.output} to standard output`);
  }
}

interface Compiled {
  readonly result: CompileResult;
  /** What is not about the input, but about what was asked for. */
  readonly note: string;
}

async function compileInput(flags: CompileFlags): Promise<Compiled> {
  const input = await readInput(flags);
  const sources = input.read;
  const config = await loadConfig(flags);
  const templates = await loadTemplates(flags.templates);
  const before = [...sources.diagnostics, ...config.diagnostics, ...templates.diagnostics];
  if (hasErrors([...config.diagnostics, ...templates.diagnostics])) {
    return { result: { rules: [], diagnostics: before }, note: '' };
  }
  const read = { ...sources, diagnostics: before };
  const { node, note } = chooseHostNode(flags.node, config.options.config, input);
  const options: CompileOptions = {
    ...config.options,
    ...templates.options,
    ...nodeOptions(flags),
    node,
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
  return { result, note: flags.quiet === true ? '' : note + otherFamilyNote(result.rules, compileFamily) };
}

function nodeOptions({ nodeIp, localIp, zone }: CompileFlags): NodeOptions {
  return {
    ...(nodeIp === undefined ? {} : { nodeIps: nodeIp }),
    ...(localIp === undefined ? {} : { localIps: localIp }),
    ...(zone === undefined ? {} : { zone }),
  };
}

interface NodeOptions {
  readonly nodeIps?: readonly string[];
  readonly localIps?: readonly string[];
  readonly zone?: string;
}
