import { verifyRuleset } from '../../core/analyze/verify/verify-ruleset.ts';
import { hasErrors } from '../../core/diag/diagnostic.ts';
import { ipFamilies } from '../../core/model/ip.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import type { RulesFlags } from '../options/rules-options.ts';
import { paint, wantsColor } from '../output/colors.ts';
import { printVerification, type FamilyVerdict } from '../output/print-verify.ts';
import { verificationData } from '../output/print-verify-data.ts';
import { familyName } from '../output/plan-counts.ts';
import { progressLine } from '../output/progress-line.ts';
import { writeOut } from '../output/streams.ts';
import { UsageError } from '../usage-error.ts';
import { refuseBadNodeName } from './choose-host-node.ts';
import { meaningInput } from './meaning-input.ts';
import type { InputFlags } from './read-input.ts';
import { typedDumps, type TypedDumps } from './read-rulesets.ts';
import { reportInput } from './show-plan.ts';

export interface VerifyFlags extends GlobalOptions, InputFlags, RulesFlags {
  readonly output: 'text' | 'json';
  readonly ignoreOthers?: boolean;
}

const EXIT = { proved: 0, refuted: 2, undecided: 1 } as const;

/** Reads rules and Services, proves or refutes, and prints what came out. */
export async function runVerify(flags: VerifyFlags, paths: readonly string[]): Promise<number> {
  refuseContradictions(flags, paths);
  const line = progressLine(process.stderr, 'reading', flags.quiet !== true);
  try {
    const dumps = await typedDumps('verify', paths);
    const families = dumps.rulesets.map(({ family }) => family);
    const input = await meaningInput(flags, families);
    line.say('proving');
    const verdicts = dumps.rulesets.flatMap((ruleset): readonly FamilyVerdict[] => {
      const meaning = input.families.find(({ family }) => family === ruleset.family);
      if (meaning === undefined) return [];
      const { ignoreOthers = false } = flags;
      return [{ family: ruleset.family, result: verifyRuleset(ruleset, meaning, { ignoreOthers }) }];
    });
    line.end();
    const diagnostics = [...dumps.diagnostics, ...input.diagnostics];
    const unread = hasErrors(dumps.diagnostics);
    if (!unread) await print(verdicts, flags);
    await reportInput(diagnostics, input.note + familyNote(dumps), flags);
    // Half a dump or half an input proves nothing.
    if (hasErrors(diagnostics) || verdicts.length === 0) return 1;
    return exitStatus(verdicts);
  } finally {
    line.end();
  }
}

export function exitStatus(verdicts: readonly FamilyVerdict[]): number {
  const order = ['refuted', 'undecided', 'proved'] as const;
  return EXIT[order.find((verdict) => verdicts.some(({ result }) => result.verdict === verdict)) ?? 'undecided'];
}

function refuseContradictions({ filename, node, config }: VerifyFlags, paths: readonly string[]): void {
  refuseBadNodeName(node);
  const dumpOnStdin = paths.length === 0 || paths.includes('-');
  if (dumpOnStdin && filename?.includes('-') === true) {
    throw new UsageError('the dump and -f - cannot both read standard input', 'Name a file for one of them');
  }
  if (dumpOnStdin && config === '-') throw new UsageError('the dump and --config - cannot both read standard input');
}

function familyNote({ rulesets }: TypedDumps): string {
  const missing = ipFamilies.filter((family) => rulesets.every((ruleset) => ruleset.family !== family));
  const families = missing.map((family) => `note: there is no dump of ${familyName(family)}; it is not verified\n`);
  const tables = rulesets.flatMap((ruleset) =>
    ['filter', 'nat']
      .filter((table) => ruleset.tables.every(({ name }) => name !== table))
      .map((table) => `note: the ${familyName(ruleset.family)} dump has no table ${table}; it is taken for empty\n`),
  );
  return [...tables, ...families].join('');
}

async function print(verdicts: readonly FamilyVerdict[], flags: VerifyFlags): Promise<void> {
  if (flags.output === 'json') {
    await writeOut(`${JSON.stringify(verificationData(verdicts), undefined, 2)}\n`);
    return;
  }
  const { verbose = false } = flags;
  await writeOut(printVerification(verdicts, { verbose, paint: paint(wantsColor(flags.color, process.stdout)) }));
}
