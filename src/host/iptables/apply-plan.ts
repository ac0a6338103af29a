// Carries out a plan: all of it, or nothing. The order: test everything; then, and only then, commit one family after the other; read the
// rules back; and if anything went wrong after the first commit, put back what was there and read that back too.
import type { IpFamily } from '../../core/model/ip.ts';
import { invertPlan } from '../../core/plan/invert-change.ts';
import type { FamilyPlan, Plan } from '../../core/plan/plan.ts';
import { remainingChanges } from '../../core/plan/remaining-changes.ts';
import type { Canonical } from '../../core/plan/same-rules.ts';
import type { SavedRules } from '../../core/ruleset/saved-rules.ts';
import type { CommandRunner } from '../exec.ts';
import { HostError, messageOf } from '../host-error.ts';
import { addNfacct, deleteNfacct } from '../nfacct.ts';
import { readSysctl, writeSysctl } from '../sysctl.ts';
import { ApplyFailed, type Outcome } from './apply-failed.ts';
import { observe } from './observe.ts';
import { commitFamilies } from './commit-families.ts';
import type { Variant } from './tools.ts';

export interface ApplyContext {
  /** Commands in the network namespace. */
  readonly runner: CommandRunner;
  readonly variant: Variant;
  readonly canonical: Canonical;
  /** For one command. */
  readonly timeoutMs: number;
  /** To wait for the xtables lock. */
  readonly lockSeconds: number;
  /** Aborted (Ctrl-C) before the first commit, nothing is written; after it, the apply is finished first. */
  readonly signal?: AbortSignal | undefined;
  /** How long reading the rules took, in milliseconds: what a listing inside iptables-nft-restore will cost. */
  readonly observeMs: number;
  readonly onStep?: ((step: string) => void) | undefined;
}

/** What a family still lacks after an apply, as lines for people; none if all is well. */
export type Verify = (family: IpFamily, saved: SavedRules) => readonly string[];

/** Resolves when the node has what the plan says and it has been read back; rejects with ApplyFailed, which says what the node has then. */
export async function applyPlan(plan: Plan, context: ApplyContext, verify: Verify): Promise<void> {
  const progress = { committed: false, nfacct: new Array<string>() };
  try {
    for (const name of plan.nfacct) {
      await addNfacct(context.runner, name);
      progress.nfacct.push(name);
    }
    await commitFamilies(plan.families, context, () => (progress.committed = true));
    for (const { key, next } of plan.sysctls) {
      progress.committed = true;
      await writeSysctl(context.runner, key, next);
    }
    await check(plan, context, verify);
  } catch (error) {
    const outcome = await takeBack(plan, context, progress.committed);
    await removeNfacct(context, outcome.kind === 'not-restored' ? [] : progress.nfacct);
    throw new ApplyFailed(error, outcome);
  }
}

async function check(plan: Plan, context: ApplyContext, verify: Verify): Promise<void> {
  context.onStep?.('reading the rules back');
  for (const family of plan.families) {
    if (family.changes.length === 0) continue;
    const saved = await observe(context.runner, context.variant, family.family, context);
    const left = [...describe(remainingChanges(family, saved, context.canonical)), ...verify(family.family, saved)];
    if (left.length === 0) continue;
    throw new HostError('the rules were loaded, but the node does not have them', {
      details: left.slice(0, 10),
      advice: 'another program may be writing the same chains: is kube-proxy still running?',
    });
  }
}

export function describe(plan: FamilyPlan): readonly string[] {
  return plan.changes.map(({ kind, table, chain }) => `${plan.family} ${table} ${chain}: ${kind} has no effect`);
}

/** Tries twice: what made the apply fail, a held lock say, may be gone the second time. */
async function takeBack(plan: Plan, context: ApplyContext, committed: boolean): Promise<Outcome> {
  if (!committed) return { kind: 'unchanged' };
  context.onStep?.('putting back what was there');
  const back = invertPlan(plan, 'was there before');
  const calm = { ...context, signal: undefined };
  let failure: unknown;
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      return (await putBack(back, calm)) ? { kind: 'restored' } : { kind: 'unchanged' };
    } catch (error) {
      failure = error;
    }
  }
  return { kind: 'not-restored', why: messageOf(failure) };
}

/** Whether there was anything to put back. */
async function putBack(back: Plan, context: ApplyContext): Promise<boolean> {
  let changed = false;
  for (const { key, next } of back.sysctls) {
    if ((await readSysctl(context.runner, key)) === next) continue;
    await writeSysctl(context.runner, key, next);
    changed = true;
  }
  const left: FamilyPlan[] = [];
  for (const family of back.families) left.push(await remainingOn(family, context));
  if (left.every((family) => family.changes.length === 0)) return changed;
  await commitFamilies(left, context, () => {});
  for (const family of back.families) {
    const still = await remainingOn(family, context);
    if (still.changes.length > 0) throw new HostError(describe(still).join('; '));
  }
  return true;
}

async function remainingOn(family: FamilyPlan, context: ApplyContext): Promise<FamilyPlan> {
  if (family.changes.length === 0) return family;
  const saved = await observe(context.runner, context.variant, family.family, context);
  return remainingChanges(family, saved, context.canonical);
}

/** Those that this apply made; one that cannot be removed counts nothing and does no harm. */
async function removeNfacct({ runner }: ApplyContext, names: readonly string[]): Promise<void> {
  for (const name of names) await deleteNfacct(runner, name).catch(() => {});
}
