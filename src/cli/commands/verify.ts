import type { LintIpvs, LintSets } from '../../core/analyze/lint/lint-input.ts';
import { verifyRuleset, type IpvsSubject } from '../../core/analyze/verify/verify-ruleset.ts';
import { hasErrors, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { ipFamilies, type IpFamily } from '../../core/model/ip.ts';
import type { IpvsConfig } from '../../core/model/proxy-config.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import type { RulesFlags } from '../options/rules-options.ts';
import { paint, wantsColor } from '../output/colors.ts';
import { printVerification, type FamilyVerdict } from '../output/print-verify.ts';
import { verificationData } from '../output/print-verify-data.ts';
import { familyName } from '../output/plan-counts.ts';
import { progressLine } from '../output/progress-line.ts';
import { writeErr, writeOut } from '../output/streams.ts';
import { UsageError } from '../usage-error.ts';
import { refuseBadNodeName } from './choose-host-node.ts';
import { readLintIpvs } from './lint-sources.ts';
import { meaningInput, type MeaningInput } from './meaning-input.ts';
import type { InputFlags } from './read-input.ts';
import { typedDumps, type TypedDumps } from './read-rulesets.ts';
import { refuseSwapped } from './refuse-swapped.ts';
import { reportInput } from './show-plan.ts';
import { IPVS_HINT, ipvsRulesAlone } from './ipvs-rules-alone.ts';

export interface VerifyFlags extends GlobalOptions, InputFlags, RulesFlags {
  readonly output: 'text' | 'json';
  readonly ignoreOthers?: boolean;
  readonly proxyMode?: string;
  readonly ipvs?: string;
  readonly ipset?: string;
}

const EXIT = { proved: 0, refuted: 2, undecided: 1 } as const;

/** Reads rules and Services, proves or refutes, and prints what came out. */
export async function runVerify(flags: VerifyFlags, paths: readonly string[]): Promise<number> {
  refuseContradictions(flags, paths);
  await refuseSwapped('verify', paths, flags.filename ?? []);
  const line = progressLine(process.stderr, 'reading', flags.quiet !== true);
  try {
    const dumps = await typedDumps('verify', paths);
    const families = dumps.rulesets.map(({ family }) => family);
    const read = await readLintIpvs(flags);
    const missing = flags.ipvs === undefined && flags.proxyMode !== 'iptables' ? ipvsRulesAlone(dumps) : [];
    const kernel = { ...read, diagnostics: [...read.diagnostics, ...missing] };
    const isIpvs = kernel.ipvs !== undefined || missing.length > 0;
    const input = await (isIpvs ? ipvsInput(flags, families) : meaningInput(flags, families, { ipvsHint: IPVS_HINT }));
    line.say('proving');
    const verdicts = dumps.rulesets.flatMap((ruleset): readonly FamilyVerdict[] => {
      const meaning = input.families.find(({ family }) => family === ruleset.family);
      if (meaning === undefined) return [];
      const { ignoreOthers = false } = flags;
      const subject = { ...meaning, ipvs: subjectOf(kernel, input.ipvs) };
      return [{ family: ruleset.family, result: verifyRuleset(ruleset, subject, { ignoreOthers }) }];
    });
    line.end();
    const diagnostics = [...dumps.diagnostics, ...kernel.diagnostics, ...input.diagnostics];
    const unread = hasErrors([...dumps.diagnostics, ...kernel.diagnostics]);
    await print(unread ? [] : verdicts, diagnostics, flags);
    if (!unread) await writeErr(tableWarnings(dumps));
    await reportInput(diagnostics, input.note + familyNote(dumps), flags);
    // Half a dump or half an input proves nothing.
    if (hasErrors(diagnostics) || verdicts.length === 0) return 1;
    return exitStatus(verdicts);
  } finally {
    line.end();
  }
}

/** With virtual servers the mode is ipvs, whatever the configuration says or does not say. */
async function ipvsInput(flags: VerifyFlags, families: readonly IpFamily[]): Promise<MeaningInput> {
  const inMode = { ...flags, proxyMode: 'ipvs' };
  return await meaningInput(inMode, families, { modes: ['ipvs'] });
}

function subjectOf(
  { ipvs, sets }: { readonly ipvs: LintIpvs | undefined; readonly sets: LintSets | undefined },
  config: IpvsConfig | undefined,
): IpvsSubject | undefined {
  if (ipvs === undefined || sets === undefined || config === undefined) return undefined;
  return { table: ipvs.table, sets: sets.sets, config };
}

export function exitStatus(verdicts: readonly FamilyVerdict[]): number {
  const order = ['refuted', 'undecided', 'proved'] as const;
  return EXIT[order.find((verdict) => verdicts.some(({ result }) => result.verdict === verdict)) ?? 'undecided'];
}

function refuseContradictions({ filename, node, config, ipvs, ipset }: VerifyFlags, paths: readonly string[]): void {
  refuseBadNodeName(node);
  if ((ipvs === undefined) !== (ipset === undefined)) {
    const [given, missing] = ipvs === undefined ? ['--ipset', '--ipvs'] : ['--ipvs', '--ipset'];
    throw new UsageError(
      `the ipvs mode is proved by rules, virtual servers and sets: there is ${given}, and no ${missing}`,
      IPVS_HINT,
    );
  }
  const dashes = [...paths, ...(filename ?? []), ipvs, ipset].filter((path) => path === '-');
  if (dashes.length > 1) throw new UsageError('standard input can be read once only; name files for the others');
  const dumpOnStdin = paths.length === 0 || paths.includes('-');
  if (dumpOnStdin && filename?.includes('-') === true) {
    throw new UsageError('the dump and -f - cannot both read standard input', 'Name a file for one of them');
  }
  if (dumpOnStdin && config === '-') throw new UsageError('the dump and --config - cannot both read standard input');
}

function familyNote({ rulesets }: TypedDumps): string {
  const missing = ipFamilies.filter((family) => rulesets.every((ruleset) => ruleset.family !== family));
  return missing.map((family) => `note: there is no dump of ${familyName(family)}; it is not verified\n`).join('');
}

/** Told with -q too: a part of a dump is judged as if there were no more. */
function tableWarnings({ rulesets }: TypedDumps): string {
  return rulesets
    .flatMap((ruleset) =>
      ['filter', 'nat']
        .filter((table) => ruleset.tables.every(({ name }) => name !== table))
        .map(
          (table) => `warning: the ${familyName(ruleset.family)} dump has no table ${table}; it is taken for empty\n`,
        ),
    )
    .join('');
}

/** As JSON there is a document even where nothing is proved; it says why. */
async function print(
  verdicts: readonly FamilyVerdict[],
  diagnostics: readonly Diagnostic[],
  flags: VerifyFlags,
): Promise<void> {
  if (flags.output === 'json') {
    await writeOut(`${JSON.stringify({ ...verificationData(verdicts), diagnostics }, undefined, 2)}\n`);
    return;
  }
  if (verdicts.length === 0) return;
  const { verbose = false } = flags;
  await writeOut(printVerification(verdicts, { verbose, paint: paint(wantsColor(flags.color, process.stdout)) }));
}
