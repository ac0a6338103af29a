import type { KubeObjects } from '../../host/cleanup/kube-objects.ts';
import { openKubeObjects } from '../../host/cleanup/open-kube-objects.ts';
import { findLeftovers } from '../../host/cleanup/find-leftovers.ts';
import { isClean, isSame, type Leftovers } from '../../host/cleanup/leftovers.ts';
import { removeLeftovers, type Problem } from '../../host/cleanup/remove-leftovers.ts';
import { HostError } from '../../host/host-error.ts';
import { Interrupted } from '../../host/iptables/apply-failed.ts';
import { variants, type Variant } from '../../host/iptables/tools.ts';
import type { ExecutorName } from '../../host/ipvs/kube-ipvs.ts';
import { guardInterrupts, writesFromHere } from '../interrupts.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { ask, canAsk } from '../output/ask.ts';
import { paint, wantsColor } from '../output/colors.ts';
import { progressLine } from '../output/progress-line.ts';
import { notShown, writeErr, writeOut, writeOutFirst } from '../output/streams.ts';
import { UsageError } from '../usage-error.ts';
import { cleanupData } from './cleanup-data.ts';
import { blockedProblems, printMessages, printProblems, printRemovals, unreadProblems } from './cleanup-text.ts';
import { openNode, type OpenNode } from './open-node.ts';
import { withNodeLock } from './with-node-lock.ts';

/** The options of `cleanup` as commander stores them. */
export interface CleanupFlags extends GlobalOptions {
  readonly netns?: string;
  readonly variant?: Variant;
  readonly executor: ExecutorName | 'auto';
  readonly all?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly output: 'text' | 'json';
  /** Seconds. */
  readonly lockTimeout: number;
  /** Seconds. */
  readonly commandTimeout: number;
}

interface Run {
  readonly flags: CleanupFlags;
  readonly node: OpenNode;
  readonly kernel: KubeObjects;
}

export async function runCleanup(flags: CleanupFlags, extra: readonly string[]): Promise<number> {
  const [word] = extra;
  if (word !== undefined) throw new UsageError(`unexpected argument "${word}"`, 'cleanup takes options only');
  if (flags.output === 'json' && flags.yes !== true && flags.dryRun !== true) {
    throw new UsageError('-o json cannot ask', 'Give --yes or --dry-run too');
  }
  // Which variants have rules is seen later.
  const node = await openNode({ ...flags, variant: 'nft' }, []);
  const { runner, timeoutMs, namespace } = node;
  const kernel = openKubeObjects(flags.executor, { runner, namespacePath: namespace.path, timeoutMs });
  const run: Run = { flags, node, kernel };
  if (flags.yes !== true) return await propose(run);
  return await guardInterrupts(async (signal) => {
    return await alone(run, signal, async () => {
      const found = await find(run);
      await show(run, found);
      return await finish(run, found, await remove(run, found, signal));
    });
  });
}

/** Shows what is there, and asks; between the question and the answer the node may change. */
async function propose(run: Run): Promise<number> {
  const { flags } = run;
  const found = await find(run);
  await show(run, found);
  if (flags.dryRun === true) {
    const status = await finish(run, found, undefined);
    return isClean(found) ? status : 2;
  }
  if (isClean(found)) return await finish(run, found, []);
  if (!canAsk(flags)) {
    throw new UsageError('nothing was removed: there is no terminal to ask on', '--yes removes it without asking');
  }
  return await guardInterrupts(async (signal) => await askAndRemove(run, found, signal));
}

async function askAndRemove(run: Run, found: Leftovers, signal: AbortSignal): Promise<number> {
  if (!(await ask('Remove all this?', signal))) {
    await writeErr('nothing was changed\n');
    return 1;
  }
  return await alone(run, signal, async () => {
    const now = await find(run);
    if (isSame(found, now)) return await finish(run, now, await remove(run, now, signal));
    const advice = 'look at it again; is kube-proxy still running?';
    throw new HostError('nothing was removed: the node has changed since it was shown', { advice });
  });
}

/** No other chainsmith writes meanwhile. */
async function alone({ flags, node }: Run, signal: AbortSignal, work: () => Promise<number>): Promise<number> {
  return await withNodeLock(node, { quiet: flags.quiet, signal }, work);
}

async function find({ flags, node, kernel }: Run): Promise<Leftovers> {
  const { variant, all = false, commandTimeout } = flags;
  const options = {
    variants: variant === undefined ? variants : [variant],
    rulesOnly: variant !== undefined,
    all,
    timeoutMs: commandTimeout * 1000,
    netns: flags.netns,
    kernel,
  };
  return await withProgress(flags, async (onStep) => await findLeftovers(node.runner, { ...options, onStep }));
}

/** Removes it, and looks again: what is still there, or there again. */
async function remove(run: Run, found: Leftovers, signal: AbortSignal): Promise<readonly Problem[]> {
  if (signal.aborted) throw new Interrupted();
  if (isClean(found)) return [];
  const { flags, node, kernel } = run;
  const all = flags.all === true;
  writesFromHere(signal);
  const problems = await withProgress(
    flags,
    async (onStep) => await removeLeftovers(found, { ...node, kernel, all, signal, onStep }),
  );
  return problems.length > 0 ? problems : leftProblems(found, await find(run));
}

function leftProblems(before: Leftovers, left: Leftovers): readonly Problem[] {
  const unseen = left.warnings.filter((warning) => !before.warnings.includes(warning));
  return [
    ...unseen.map((warning) => ({ message: `all was removed, but not seen to be gone: ${warning}`, details: [] })),
    ...(isClean(left) ? [] : [comeBack(left)]),
  ];
}

function comeBack(left: Leftovers): Problem {
  const details = printRemovals(left, { verbose: false })
    .split('\n')
    .filter((line) => line.startsWith(' '));
  const advice = 'another program makes it again: is kube-proxy still running?';
  return { message: 'all was removed, and this is there again', details: details.map((line) => line.trim()), advice };
}

async function show({ flags, node }: Run, found: Leftovers): Promise<void> {
  if (flags.output === 'json') return;
  const verbose = flags.verbose === true;
  await writeOutFirst(printRemovals(found, { namespace: node.namespace.name, verbose }));
  if (flags.quiet !== true) await writeErr(printMessages(found, paint(wantsColor(flags.color, process.stderr))));
}

/** @param problems undefined: nothing was to be removed this time */
async function finish(run: Run, found: Leftovers, problems: readonly Problem[] | undefined): Promise<number> {
  const { flags } = run;
  const all = [...blockedProblems(found), ...unreadProblems(found), ...(problems ?? [])];
  try {
    await showEnd(run, found, problems, all);
  } finally {
    await writeErr(printProblems(all, paint(wantsColor(flags.color, process.stderr))));
  }
  return all.length === 0 ? 0 : 1;
}

async function showEnd(
  { flags, node }: Run,
  found: Leftovers,
  problems: readonly Problem[] | undefined,
  all: readonly Problem[],
): Promise<void> {
  if (flags.output === 'json') {
    const data = cleanupData(found, node.namespace.name, { removed: problems !== undefined, problems: all });
    const done = problems === undefined ? 'nothing was changed' : 'what could be removed is gone';
    await writeOut(`${JSON.stringify(data, undefined, 2)}\n`).catch(notShown(done));
  } else if (problems?.length === 0 && !isClean(found)) {
    await writeOut('All of this was removed.\n').catch(notShown('all was removed'));
  }
}

async function withProgress<T>(
  { quiet = false }: CleanupFlags,
  work: (onStep: (step: string) => void) => Promise<T>,
): Promise<T> {
  const line = progressLine(process.stderr, '', !quiet);
  try {
    return await work(line.say);
  } finally {
    line.end();
  }
}
