import { compiledModes } from '../../core/compile/read-meaning.ts';
import { hasErrors } from '../../core/diag/diagnostic.ts';
import { ipFamilies, type IpFamily } from '../../core/model/ip.ts';
import { HostError } from '../../host/host-error.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import type { RulesFlags } from '../options/rules-options.ts';
import { withOneMode, type ModeFlags } from '../options/mode-option.ts';
import { nameFlags } from '../options/name-flags.ts';
import { paint, wantsColor } from '../output/colors.ts';
import { printReport } from '../output/print-report.ts';
import { writeErr } from '../output/streams.ts';
import { UsageError } from '../usage-error.ts';
import { refuseBadNodeName } from './choose-host-node.ts';
import { refuseExtraWords } from './refuse-extra-words.ts';
import { compileInput } from './compile-input.ts';
import { proveCompiled } from './prove-rules.ts';
import { otherFamilyNote } from './other-family-note.ts';
import type { InputFlags } from './read-input.ts';
import { writeRules, type OutputFormat } from './write-rules.ts';

/** The options of `compile` as commander stores them. */
export interface CompileFlags extends GlobalOptions, InputFlags, RulesFlags, ModeFlags {
  readonly family: IpFamily;
  readonly output: OutputFormat;
  readonly out?: string;
  readonly explain?: boolean;
  /** False: rules of --templates are printed unproved. */
  readonly verify: boolean;
}

export interface CommandLine {
  /** Words that belong to no option. */
  readonly extra: readonly string[];
  readonly familyGiven: boolean;
}

/** Reads, compiles, prints the rules, then the diagnostics: on a terminal the last thing printed is what is seen. */
export async function runCompile(given: CompileFlags, line: CommandLine): Promise<number> {
  refuseContradictions(given, line);
  const flags = withOneMode(given);
  const families = flags.out === undefined ? [flags.family] : ipFamilies;
  const { result, note, compileFamily, meaning, ipvsConfig } = await compileInput(flags, families, compiledModes);
  const basis = { meaning: meaning(), ipvsConfig: ipvsConfig() };
  if (flags.templates !== undefined && flags.verify && !(await proveCompiled(result.rules, basis, flags))) {
    const advice = 'mend the templates; --no-verify prints the rules all the same';
    throw new HostError('the rules of these templates do not do what the Services say', { advice });
  }
  const silenced = new Set<string>(flags.silence ?? []);
  const diagnostics = nameFlags(result.diagnostics, { ...flags }).filter((d) => !silenced.has(d.code));
  const written = await writeRules({ ...result, diagnostics }, flags);
  const { quiet = false, verbose = false } = flags;
  const report = printReport(diagnostics, { quiet, verbose, paint: paint(wantsColor(flags.color, process.stderr)) });
  await writeErr(quiet ? report : note + otherFamilyNote(result.rules, compileFamily) + written + report);
  return hasErrors(diagnostics) ? 1 : 0;
}

function refuseContradictions(flags: CompileFlags, { extra, familyGiven }: CommandLine): void {
  refuseExtraWords('compile', extra);
  refuseBadNodeName(flags.node);
  if (flags.filename?.includes('-') === true && flags.config === '-')
    throw new UsageError('-f - and --config - cannot both read standard input');
  if (flags.out !== undefined && familyGiven) throw new UsageError('--out writes both families; leave --family out');
  if (flags.out !== undefined && flags.output !== 'text') {
    throw new UsageError(`--out writes rules as text; print -o ${flags.output} to standard output`);
  }
}
