// Carries out a plan: all of it, or nothing. The order: test everything; then, and only then, commit one family after the other; read the
// rules back; and if anything went wrong after the first commit, put back what was there and read that back too.
import type { IpFamily } from '../../core/model/ip.ts';
import { canonicalRule } from '../../core/parse/iptables-save/canonical-rule.ts';
import { invertPlan } from '../../core/plan/invert-change.ts';
import type { FamilyPlan, Plan, SysctlChange } from '../../core/plan/plan.ts';
import type { IpvsState } from '../../core/plan/ipvs/ipvs-state.ts';
import { remainingChanges } from '../../core/plan/remaining-changes.ts';
import type { SavedRules } from '../../core/ruleset/saved-rules.ts';
import type { CommandRunner } from '../exec.ts';
import { HostError, messageOf } from '../host-error.ts';
import { addNfacct, deleteNfacct, listNfacct } from '../nfacct.ts';
import { readSysctl, writeSysctl } from '../sysctl.ts';
import { IpvsRun, type IpvsContext } from '../ipvs/ipvs-run.ts';
import { ApplyFailed, Interrupted, type Outcome } from './apply-failed.ts';
import { describeLeft } from './describe-left.ts';
import { expectDump, type ExpectedDump } from './expected-dump.ts';
import { observe, type Observation } from './observe.ts';
import { commitFamilies } from './commit-families.ts';
import { listedChains } from './read-chains.ts';
import type { StreamedRestore } from './streamed-restore.ts';
import type { Variant } from './tools.ts';

export interface ApplyContext {
  /** Commands in the network namespace. */
  readonly runner: CommandRunner;
  readonly variant: Variant;
  /** For one command. */
  readonly timeoutMs: number;
  /** To wait for the xtables lock. */
  readonly lockSeconds: number;
  /** Aborted (Ctrl-C) before the first commit, nothing is written; after it, the apply is finished first. */
  readonly signal?: AbortSignal | undefined;
  /** What the plan was made of, if that is known: then a small plan is read back by its chains alone. */
  readonly observed: readonly Observation[];
  /** How long reading the rules took, in milliseconds: what a listing inside iptables-nft-restore will cost. */
  readonly observeMs: number;
  /** Stores the way back. Called once, while the tests run; nothing is written to the kernel before it has resolved. */
  readonly store?: (() => Promise<void>) | undefined;
  /** `canTestBesideRestore`, if that is known. */
  readonly testsBeside?: boolean | undefined;
  /** What was started for this plan before it was made. It is used, or abandoned. */
  readonly streamed?: StreamedRestore | undefined;
  /** Called once while the first restore commits, when this process has nothing to do. It must not throw. */
  readonly whileLoading?: (() => void) | undefined;
  readonly onStep?: ((step: string) => void) | undefined;
  /** Needed if the plan has a part for IPVS. */
  readonly ipvs?: IpvsContext | undefined;
}

/** What was read back of a node that has what the plan says: of a small plan the chains that it writes. */
export interface Applied {
  /** The families whose rules were changed. */
  readonly families: readonly Observation[];
  /** If the plan has a part for IPVS. */
  readonly ipvs?: IpvsState | undefined;
}

/** What would still have to be changed in a family that was read back; nothing if all is well. */
export type Verify = (plan: FamilyPlan, saved: SavedRules) => FamilyPlan;

/**
 * Resolves when the node has what the plan says and it has been read back, to what was read; rejects with ApplyFailed, which says what the
 * node has then.
 */
export async function applyPlan(plan: Plan, context: ApplyContext, verify: Verify): Promise<Applied> {
  const progress: Progress = { committed: false, loaded: false, nfacct: [] };
  try {
    return await carryThrough(plan, context, verify, progress);
  } catch (error) {
    // It may hold the xtables lock.
    await context.streamed?.abandon();
    const outcome = await takeBack(plan, context, progress);
    await removeNfacct(context, outcome.kind === 'not-restored' ? [] : progress.nfacct);
    throw new ApplyFailed(error, outcome);
  }
}

interface Progress {
  /** Something may have been written. */
  committed: boolean;
  /** All rules have been. */
  loaded: boolean;
  readonly nfacct: string[];
}

async function carryThrough(plan: Plan, given: ApplyContext, verify: Verify, progress: Progress): Promise<Applied> {
  for (const name of plan.nfacct) {
    // Before: a command that fails may have done its work. One that was there already is not ours to remove.
    progress.nfacct.push(name);
    await addNfacct(given.runner, name);
  }
  const ipvs = ipvsRun(plan, given);
  const context = ipvs === undefined ? given : await prepare(ipvs, given, progress);
  const begin = async (): Promise<void> => {
    progress.committed = true;
    await writeSysctls(plan.sysctls.filter(isEarly), context);
    await ipvs?.open();
  };
  const small = new Set(plan.families.filter((family) => isSmall(family, context)));
  let listings: ReadonlyMap<IpFamily, string> = new Map();
  const expected = new Map<FamilyPlan, ExpectedDump>();
  const whileLoading = (): void => {
    context.whileLoading?.();
    for (const family of plan.families) if (!small.has(family)) expected.set(family, writtenBy(family));
  };
  if (plan.families.some(({ changes }) => changes.length > 0)) {
    listings = await commitFamilies(plan.families, { ...context, whileLoading }, begin, small);
  } else {
    await context.store?.();
    await begin();
  }
  progress.loaded = true;
  const opened = writeSysctls(
    plan.sysctls.filter((change) => !isEarly(change)),
    context,
  );
  const families = await afterBoth(opened, check(plan, { listings, expected }, context, verify));
  if (ipvs === undefined) return { families };
  // What goes, goes when the rules are seen to be there.
  await ipvs.close();
  return { families, ipvs: await ipvs.check() };
}

function ipvsRun({ ipvs: plan }: Plan, { ipvs, signal, onStep }: ApplyContext): IpvsRun | undefined {
  if (plan === undefined || plan.changes.length === 0) return undefined;
  if (ipvs === undefined) throw new Error('nobody to carry out the part of the plan that is about IPVS');
  return new IpvsRun(plan, ipvs, { signal, onStep });
}

/** Rules that name a set are tested only where there is one: so the sets come before the test, and the way back before the sets. */
async function prepare(ipvs: IpvsRun, context: ApplyContext, progress: Progress): Promise<ApplyContext> {
  await context.store?.();
  if (context.signal?.aborted === true) throw new Interrupted();
  progress.committed = true;
  await ipvs.prepare();
  return { ...context, store: undefined };
}

/** Unlike Promise.all it leaves nothing running that could meet the way back. */
async function afterBoth<T>(one: Promise<unknown>, other: Promise<T>): Promise<T> {
  await Promise.allSettled([one, other]);
  await one;
  return await other;
}

/**
 * route_localnet lets neighbours reach services at 127.0.0.1, and a rule keeps them away (CVE-2020-8558): so it opens after the rules are
 * there, and closes before they go.
 */
function closes({ next }: SysctlChange): boolean {
  return next === '0';
}

/** The settings of IPVS are for connections that its virtual servers are going to have. */
function isEarly(change: SysctlChange): boolean {
  return closes(change) || change.key.startsWith('net.ipv4.vs.');
}

async function writeSysctls(changes: readonly SysctlChange[], { runner }: ApplyContext): Promise<boolean> {
  let written = false;
  for (const { key, next } of changes) {
    if ((await readSysctl(runner, key)) === next) continue;
    await writeSysctl(runner, key, next);
    written = true;
  }
  return written;
}

/** What is known of the rules when they are to be read back. */
interface Known {
  /** Of families of which few chains were written. */
  readonly listings: ReadonlyMap<IpFamily, string>;
  /** Of the others. */
  readonly expected: ReadonlyMap<FamilyPlan, ExpectedDump>;
}

/** The chains that a plan writes as a whole. */
function writtenBy({ changes }: FamilyPlan): ExpectedDump {
  return expectDump(changes.filter((change) => change.kind === 'create-chain' || change.kind === 'replace-chain'));
}

async function check(
  plan: Plan,
  { listings, expected }: Known,
  context: ApplyContext,
  verify: Verify,
): Promise<readonly Observation[]> {
  context.onStep?.('reading the rules back');
  const changed = plan.families.filter((family) => family.changes.length > 0);
  const read = async (family: FamilyPlan): Promise<Observation> => {
    const { saved, left } = await readBack(family, listings.get(family.family), expected.get(family), context, verify);
    if (left.changes.length === 0) return { family: family.family, saved };
    throw new HostError('the rules were loaded, but the node does not have them', {
      details: describeLeft(left).slice(0, 10),
      advice: 'another program may be writing the same chains: is kube-proxy still running?',
    });
  };
  return await Promise.all(changed.map(read));
}

interface ReadBack {
  readonly saved: SavedRules;
  readonly left: FamilyPlan;
}

/** Of a part, it is enough that every change is in effect: the rest is what the plan was made of. */
async function readBack(
  plan: FamilyPlan,
  listing: string | undefined,
  expected: ExpectedDump | undefined,
  context: ApplyContext,
  verify: Verify,
): Promise<ReadBack> {
  if (listing === undefined || !isSmall(plan, context)) {
    const saved = await observe(context.runner, context.variant, plan.family, { ...context, expected });
    return { saved, left: verify(plan, saved) };
  }
  const saved = listedChains(plan.changes, listing);
  return { saved, left: inEffect(plan, saved) };
}

/** A plan that touches less than a fifth of the chains is read back chain by chain; one that removes chains never is. */
const SMALL_PART = 5;

function isSmall(plan: FamilyPlan, context: ApplyContext): boolean {
  const known = beforeOf(plan, context)?.tables.reduce((sum, { chains }) => sum + chains.size, 0) ?? 0;
  const removes = plan.changes.some(({ kind }) => kind === 'delete-chain');
  return !removes && plan.changes.length * SMALL_PART <= known;
}

function beforeOf(plan: FamilyPlan, { observed }: ApplyContext): SavedRules | undefined {
  return observed.find(({ family }) => family === plan.family)?.saved;
}

/** What is left of a plan on a node: the check for plans whose desired rules are not at hand. */
export const inEffect: Verify = (plan, saved) =>
  remainingChanges(plan, saved, (line) => canonicalRule(line, plan.family));

/** Tries twice: what made the apply fail, a held lock say, may be gone the second time. */
async function takeBack(plan: Plan, context: ApplyContext, { committed, loaded }: Progress): Promise<Outcome> {
  if (!committed) return { kind: 'unchanged' };
  context.onStep?.('putting back what was there');
  const back = invertPlan(plan, 'was there before');
  const calm = { ...context, signal: undefined, store: undefined, whileLoading: undefined };
  let failure: unknown;
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      if (await putBack(back, calm)) return { kind: 'restored' };
      return { kind: loaded ? 'gone' : 'unchanged' };
    } catch (error) {
      failure = error;
    }
  }
  return { kind: 'not-restored', why: messageOf(failure) };
}

/** Whether there was anything to put back. */
async function putBack(back: Plan, context: ApplyContext): Promise<boolean> {
  const closed = await writeSysctls(back.sysctls.filter(closes), context);
  const ipvs = await remainingRun(back, context);
  await ipvs?.prepare();
  const left: FamilyPlan[] = [];
  for (const family of back.families) left.push(await remainingOn(family, context));
  const isLoaded = left.some((family) => family.changes.length > 0);
  if (isLoaded) await commitFamilies(left, context, async () => await ipvs?.open());
  else await ipvs?.open();
  await ipvs?.close();
  const opened = await writeSysctls(
    back.sysctls.filter((change) => !closes(change)),
    context,
  );
  for (const family of isLoaded ? back.families : []) {
    const still = await remainingOn(family, context);
    if (still.changes.length > 0) throw new HostError(describeLeft(still).join('; '));
  }
  await ipvs?.check();
  return isLoaded || closed || opened || ipvs?.isEmpty === false;
}

async function remainingRun({ ipvs: plan }: Plan, { ipvs, onStep }: ApplyContext): Promise<IpvsRun | undefined> {
  if (plan === undefined || ipvs === undefined || plan.changes.length === 0) return undefined;
  return await IpvsRun.remaining(plan, { ...ipvs, verify: undefined }, { onStep });
}

async function remainingOn(family: FamilyPlan, context: ApplyContext): Promise<FamilyPlan> {
  if (family.changes.length === 0) return family;
  const saved = await observe(context.runner, context.variant, family.family, context);
  return inEffect(family, saved);
}

/** Those that this apply made, each tried twice; one that cannot be removed counts nothing and does no harm. */
async function removeNfacct({ runner }: ApplyContext, names: readonly string[]): Promise<void> {
  let left = names;
  for (let attempt = 0; attempt < 2 && left.length > 0; attempt++) {
    for (const name of left) await deleteNfacct(runner, name).catch(() => {});
    const present = await listNfacct(runner).catch(() => left);
    left = left.filter((name) => present.includes(name));
  }
}
