import { compareRulesets } from '../../core/analyze/verify/compare-rulesets.ts';
import { verifyRuleset } from '../../core/analyze/verify/verify-ruleset.ts';
import { hasErrors } from '../../core/diag/diagnostic.ts';
import { ipFamilies, type Ip } from '../../core/model/ip.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import type { RulesFlags } from '../options/rules-options.ts';
import { paint, wantsColor } from '../output/colors.ts';
import { familyName } from '../output/plan-counts.ts';
import { comparisonData, printComparison, type FamilyComparison } from '../output/print-verify-diff.ts';
import { verificationData } from '../output/print-verify-data.ts';
import { printVerification, type FamilyVerdict } from '../output/print-verify.ts';
import { progressLine } from '../output/progress-line.ts';
import { writeOut } from '../output/streams.ts';
import { UsageError } from '../usage-error.ts';
import { refuseBadNodeName } from './choose-host-node.ts';
import { runDiffModes } from './diff-modes.ts';
import { compiledRuleset, readSide, type DiffSide, type DumpSide, type ManifestSide } from './diff-side.ts';
import type { InputFlags } from './read-input.ts';
import { reportInput } from './show-plan.ts';
import { exitStatus } from './verify.ts';

export interface DiffFlags extends GlobalOptions, InputFlags, RulesFlags {
  readonly output: 'text' | 'json';
  readonly ignoreOthers?: boolean;
  readonly modes?: boolean;
}

interface Compared {
  readonly text: string;
  readonly data: object;
  readonly status: number;
}

const EXIT = { same: 0, different: 2, undecided: 1 } as const;

/** Reads both sides, compares them by meaning, and prints what differs. */
export async function runDiff(flags: DiffFlags, a: string | undefined, b: string | undefined): Promise<number> {
  refuseBadNodeName(flags.node);
  if (flags.modes === true) {
    if (a === undefined) return await runDiffModes(flags);
    throw new UsageError(
      '--modes compares the two modes of one input',
      'Name it with -f: chainsmith diff --modes -f cluster.json',
    );
  }
  if (flags.filename !== undefined)
    throw new UsageError('-f is for --modes; otherwise name two sides: chainsmith diff A B');
  if (a === undefined || b === undefined)
    throw new UsageError(
      'diff compares two sides',
      'Name both: chainsmith diff before.txt after.txt; or chainsmith diff --modes -f cluster.json',
    );
  if (a === '-' && b === '-') throw new UsageError('only one side can be standard input');
  const line = progressLine(process.stderr, 'reading', flags.quiet !== true);
  try {
    const [before, after] = [await readSide(a, flags), await readSide(b, flags)];
    // An empty file is no side at all: what is wrong with the other one is of no use until there are two.
    const empty = [before, after].filter((side) => side.kind === 'dump' && side.rulesets.length === 0);
    const told = empty.length > 0 ? empty : [before, after];
    const diagnostics = told.flatMap((side) => side.diagnostics);
    const unread = [before, after].some((side) =>
      side.kind === 'dump' ? hasErrors(side.diagnostics) : side.meanings.length === 0,
    );
    line.say('comparing');
    const compared = unread ? undefined : compare(before, after, flags);
    line.end();
    if (flags.output === 'json') {
      const data = { ...(compared?.data ?? comparisonData([])), diagnostics };
      await writeOut(`${JSON.stringify(data, undefined, 2)}\n`);
    } else if (compared !== undefined) await writeOut(compared.text);
    const note = inputNotes(told) + (compared === undefined ? '' : familyNotes(before, after));
    await reportInput(diagnostics, note, flags);
    return compared === undefined || hasErrors(diagnostics) ? 1 : compared.status;
  } finally {
    line.end();
  }
}

function compare(before: DiffSide, after: DiffSide, flags: DiffFlags): Compared {
  if (before.kind === 'dump' && after.kind === 'manifests') return proved(before, after, flags);
  if (before.kind === 'manifests' && after.kind === 'dump') return proved(after, before, flags);
  const comparisons = ipFamilies.flatMap((family): readonly FamilyComparison[] => {
    const [left, right] = [rulesetOf(before, family), rulesetOf(after, family)];
    if (left === undefined || right === undefined) return [];
    const localAddresses = [...localOf(before, family), ...localOf(after, family)];
    return [{ family, result: compareRulesets(left, right, { localAddresses }) }];
  });
  const order = ['different', 'undecided', 'same'] as const;
  const worst = order.find((verdict) => comparisons.some(({ result }) => result.verdict === verdict)) ?? 'undecided';
  const options = { ...shown(flags), names: [before.name, after.name] as const };
  return { text: printComparison(comparisons, options), data: comparisonData(comparisons), status: EXIT[worst] };
}

function shown({ verbose = false, color }: DiffFlags) {
  return { verbose, paint: paint(wantsColor(color, process.stdout)) };
}

function proved({ rulesets }: DumpSide, { meanings }: ManifestSide, flags: DiffFlags): Compared {
  const { ignoreOthers = false } = flags;
  const verdicts = rulesets.flatMap((ruleset): readonly FamilyVerdict[] => {
    const meaning = meanings.find(({ family }) => family === ruleset.family);
    return meaning === undefined
      ? []
      : [{ family: ruleset.family, result: verifyRuleset(ruleset, meaning, { ignoreOthers }) }];
  });
  return {
    text: printVerification(verdicts, shown(flags)),
    data: verificationData(verdicts),
    status: exitStatus(verdicts),
  };
}

function rulesetOf(side: DiffSide, family: (typeof ipFamilies)[number]) {
  if (side.kind === 'dump') return side.rulesets.find((ruleset) => ruleset.family === family);
  const meaning = side.meanings.find((found) => found.family === family);
  return meaning && compiledRuleset(meaning);
}

function localOf(side: DiffSide, family: (typeof ipFamilies)[number]): readonly Ip[] {
  return side.kind === 'dump' ? [] : (side.meanings.find((found) => found.family === family)?.localAddresses ?? []);
}

function inputNotes(sides: readonly DiffSide[]): string {
  return sides.map((side) => (side.kind === 'manifests' ? side.note : '')).join('');
}

function familyNotes(...sides: readonly DiffSide[]): string {
  const families = sides.map((side) => (side.kind === 'dump' ? side.rulesets.map(({ family }) => family) : ipFamilies));
  const missing = ipFamilies.filter(
    (family) => families.some((some) => some.includes(family)) && !families.every((some) => some.includes(family)),
  );
  return missing
    .map((family) => `note: only one side has rules of ${familyName(family)}; they are not compared\n`)
    .join('');
}
