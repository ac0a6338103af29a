import { compiledModes } from '../../core/compile/read-meaning.ts';
import { hasErrors, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { ipFamilies } from '../../core/model/ip.ts';
import { printPlanDocument } from '../../core/plan/document/plan-document.ts';
import { isEmptyPlan } from '../../core/plan/plan.ts';
import type { CompiledRules } from '../../core/ruleset/compiled-rules.ts';
import { planFamilies } from '../../host/iptables/plan-node.ts';
import type { Variant } from '../../host/iptables/tools.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { withOneMode, type ModeFlags } from '../options/mode-option.ts';
import type { NodeFlags } from '../options/node-options.ts';
import type { RulesFlags } from '../options/rules-options.ts';
import { progressLine } from '../output/progress-line.ts';
import { writeErr, writeOut } from '../output/streams.ts';
import { writeFile } from '../output/write-file.ts';
import { UsageError } from '../usage-error.ts';
import { refuseBadNodeName } from './choose-host-node.ts';
import { compileInput } from './compile-input.ts';
import { makePlan } from './make-plan.ts';
import { openNode } from './open-node.ts';
import { refuseExtraWords } from './refuse-extra-words.ts';
import { planIpvsOffline } from './plan-ipvs-offline.ts';
import { readDumps } from './read-dumps.ts';
import type { InputFlags } from './read-input.ts';
import { otherVariantNote } from './other-variant-note.ts';
import { planDocument, reportInput, showPlan, type PlanBasis } from './show-plan.ts';

export interface PlanFlags extends GlobalOptions, InputFlags, RulesFlags, NodeFlags, ModeFlags {
  readonly output: 'text' | 'json';
  readonly out?: string;
  readonly diff?: boolean;
  readonly current?: readonly string[];
  readonly ipvs?: string;
  readonly ipset?: string;
}

/** The exit status of a plan that has changes. */
const CHANGES = 2;

interface MadePlan {
  readonly basis: PlanBasis;
  readonly variant: Variant;
  /** Of dumps. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Compiles, compares with the node or with dumps, and prints what would change. Nothing is changed. */
export async function runPlan(given: PlanFlags, extra: readonly string[]): Promise<number> {
  const flags = withOneMode(given);
  refuseContradictions(flags, extra);
  const line = progressLine(process.stderr, 'compiling', flags.quiet !== true);
  try {
    const { result, note } = await compileInput(flags, ipFamilies, compiledModes);
    if (result.rules.length === 0) {
      await reportInput(result.diagnostics, note, flags);
      return 1;
    }
    line.say(flags.current === undefined ? 'reading the rules of the node' : 'reading the dumps');
    const made = await (flags.current === undefined ? planLive : planOffline)(flags, result.rules);
    const diagnostics = [...result.diagnostics, ...made.diagnostics];
    line.end();
    // Half a dump would make a plan that creates what is there already.
    if (!hasErrors(made.diagnostics)) await print(made, hasErrors(result.diagnostics), flags);
    await reportInput(diagnostics, note, flags);
    if (hasErrors(diagnostics)) return 1;
    return isEmptyPlan(made.basis.plan) ? 0 : CHANGES;
  } finally {
    line.end();
  }
}

function refuseContradictions(
  { current, ipvs, ipset, netns, out, output, filename, node }: PlanFlags,
  extra: readonly string[],
): void {
  refuseExtraWords('plan', extra);
  refuseBadNodeName(node);
  if (current !== undefined && netns !== undefined) {
    throw new UsageError('--current compares with a file, --netns with the kernel; leave one of them out');
  }
  const readers = [...(filename ?? []), ...(current ?? []), ipvs, ipset].filter((path) => path === '-').length;
  if (readers > 1) throw new UsageError('-f -, --current -, --ipvs - and --ipset - cannot all read standard input');
  if (current === undefined && (ipvs ?? ipset) !== undefined) {
    throw new UsageError('--ipvs and --ipset go with --current', 'Without it, the node itself is read');
  }
  if (out === '-') throw new UsageError('--out names a file; -o json prints the plan to standard output');
  if (out !== undefined && output === 'json') {
    throw new UsageError('--out writes JSON already; -o json prints it to standard output');
  }
}

async function planLive(flags: PlanFlags, desired: readonly CompiledRules[]): Promise<MadePlan> {
  const node = await openNode(flags, ipFamilies);
  await writeErr(await otherVariantNote(node, flags));
  return { basis: await makePlan(node, desired), variant: node.variant, diagnostics: [] };
}

/** A dump holds rules alone: kernel settings and nfacct objects are not compared. */
async function planOffline(flags: PlanFlags, desired: readonly CompiledRules[]): Promise<MadePlan> {
  const { observed, variant, diagnostics, note } = await readDumps(flags.current ?? []);
  // Of a dump that could not be read whole, what is missing says nothing.
  if (flags.quiet !== true && !hasErrors(diagnostics)) await writeErr(note);
  const families = planFamilies(observed, desired);
  const ipvs = await planIpvsOffline(flags, { families, observed, desired });
  if (flags.quiet !== true) await writeErr(ipvs.note);
  const plan = { families, sysctls: [], nfacct: [], ...(ipvs.plan === undefined ? {} : { ipvs: ipvs.plan }) };
  return {
    basis: { plan, observed, desired, ...(ipvs.state === undefined ? {} : { ipvs: ipvs.state }) },
    variant: flags.variant === 'auto' ? variant : flags.variant,
    diagnostics: [...diagnostics, ...ipvs.diagnostics],
  };
}

async function print({ basis, variant }: MadePlan, incomplete: boolean, flags: PlanFlags): Promise<void> {
  const document = (): string => printPlanDocument(planDocument(basis, { node: flags.node, variant, incomplete }));
  if (flags.output === 'json') {
    await writeOut(document());
    return;
  }
  await writeOut(showPlan(basis, flags));
  if (flags.out === undefined) return;
  await writeFile(flags.out, [document()]);
  const insist = incomplete ? ' with --allow-errors alone, as the input has errors' : '';
  if (flags.quiet !== true)
    await writeErr(`wrote the plan to ${flags.out}; chainsmith apply ${flags.out} carries it out${insist}\n`);
}
