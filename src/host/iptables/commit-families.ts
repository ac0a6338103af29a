import { setTimeout as sleep } from 'node:timers/promises';
import type { IpFamily } from '../../core/model/ip.ts';
import type { ChainChange, FamilyPlan } from '../../core/plan/plan.ts';
import { restorePayload } from '../../core/plan/restore-payload.ts';
import type { ApplyContext } from './apply-plan.ts';
import { Interrupted } from './apply-failed.ts';
import { declarationOrder } from './declaration-order.ts';
import { PayloadPieces } from './payload-pieces.ts';
import { listingCommands } from './read-chains.ts';
import { xtablesLockHolder } from './xtables-lock.ts';
import { canTestBesideRestore, startRestore, testRestore, type HeldRestore, type RestoreJob } from './restore.ts';

/**
 * Loads the changes of all families, each table in one transaction. The first family's restore reads its first table and holds the COMMIT:
 * no test says more about that table. What is committed behind it is tested before, and at the same time. `onCommit` is called before
 * anything is written. Resolves to what the restores listed of the families that are in `listed`.
 */
export async function commitFamilies(
  plans: readonly FamilyPlan[],
  context: ApplyContext,
  onCommit: () => Promise<void>,
  listed: ReadonlySet<FamilyPlan> = new Set(),
): Promise<ReadonlyMap<IpFamily, string>> {
  const jobs = plans.filter((plan) => plan.changes.length > 0).map((plan) => jobOf(plan, context, listed.has(plan)));
  const listings = new Map<IpFamily, string>();
  const [first, ...rest] = jobs;
  if (first === undefined) return listings;
  throwIfInterrupted(context);
  context.onStep?.('testing the rules');
  const isBeside = await testsBeside(context);
  // The tests are started first: everything waits for their end.
  const tested = testAll([...first.behindFirst, ...rest.map(({ job }) => job)], context);
  tested.catch(() => {});
  const early = await startEarly(first, context, isBeside);
  try {
    await context.store?.();
    await untilInterrupted(tested, context);
    throwIfInterrupted(context);
    await onCommit();
  } catch (error) {
    await early?.abandon();
    throw error;
  }
  await sayingWhoHoldsLock(context, async () => {
    const committed = (early ?? startRestore(context.runner, first.job, context)).commit();
    // Some turns, in which the COMMIT leaves this process.
    await Promise.race([committed, sleep(1)]);
    context.whileLoading?.();
    listings.set(first.job.family, await committed);
    for (const { job } of rest) listings.set(job.family, await startRestore(context.runner, job, context).commit());
  });
  return listings;
}

/** Before the tests have ended, where they can run beside it. */
async function startEarly(
  { plan, job }: FamilyJob,
  { streamed, ...context }: ApplyContext,
  isBeside: boolean,
): Promise<HeldRestore | undefined> {
  const held = streamed?.complete(plan, job.listing);
  if (held !== undefined) return held;
  await streamed?.abandon();
  return isBeside ? startRestore(context.runner, job, context) : undefined;
}

async function testsBeside({ runner, variant, testsBeside: known }: ApplyContext): Promise<boolean> {
  return known ?? (await canTestBesideRestore(runner, variant));
}

const ASK_LOCK_MS = 500;

/** iptables-legacy waits without a word; /proc/locks knows for whom. */
async function sayingWhoHoldsLock({ variant, onStep }: ApplyContext, run: () => Promise<void>): Promise<void> {
  onStep?.('loading the rules');
  if (variant === 'nft' || onStep === undefined) return await run();
  const timer = setInterval(() => {
    void xtablesLockHolder().then((holder) =>
      onStep(holder === undefined ? 'loading the rules' : `waiting for the xtables lock, which ${holder} holds`),
    );
  }, ASK_LOCK_MS);
  try {
    await run();
  } finally {
    clearInterval(timer);
  }
}

async function testAll(jobs: readonly RestoreJob[], context: ApplyContext): Promise<void> {
  for (const job of jobs) await testRestore(context.runner, job, context);
}

interface FamilyJob {
  readonly plan: FamilyPlan;
  readonly job: RestoreJob;
  /** What it commits after its first table, if anything. */
  readonly behindFirst: readonly RestoreJob[];
}

function jobOf(plan: FamilyPlan, { variant, observeMs }: ApplyContext, isListed: boolean): FamilyJob {
  const { family, changes } = plan;
  const listFirst = variant === 'nft' && listingPays(changes, observeMs);
  const tables = restorePayload(changes, { listFirst, order: declarationOrder(variant) });
  const behind = tables.slice(1);
  return {
    plan,
    job: {
      variant,
      family,
      payload: new PayloadPieces(tables),
      listing: isListed ? listingCommands(changes) : undefined,
    },
    behindFirst: behind.length === 0 ? [] : [{ variant, family, payload: new PayloadPieces(behind) }],
  };
}

/** Nanoseconds per step of iptables-nft-restore's walk over the names it has seen (measured with 1.8.9: 34 s for 5.6e9 steps). */
const NANOSECONDS_PER_STEP = 5;
/** Of a rule of kube-proxy's, on average. */
const CHARACTERS_PER_LINE = 100;

/** A line of input walks over half of the names. A listing costs what reading the rules has cost. */
function listingPays(changes: readonly ChainChange[], observeMs: number): boolean {
  const characters = changes.reduce((sum, change) => sum + ('next' in change ? change.next.rules.length : 0), 0);
  const lines = characters / CHARACTERS_PER_LINE + 2 * changes.length;
  return (lines * changes.length * NANOSECONDS_PER_STEP) / 2 / 1e6 > observeMs + 50;
}

function throwIfInterrupted({ signal }: ApplyContext): void {
  if (signal?.aborted === true) throw new Interrupted();
}

/** A test changes nothing, so nothing is lost by not waiting for its end. */
async function untilInterrupted(work: Promise<void>, { signal }: ApplyContext): Promise<void> {
  if (signal === undefined) return await work;
  work.catch(() => {});
  let stop = (): void => {};
  const interrupted = new Promise<never>((_, reject) => {
    stop = () => reject(new Interrupted());
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([work, interrupted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
