import { hostRunner } from '../../host/exec.ts';
import { findLeftovers } from '../../host/cleanup/find-leftovers.ts';
import { isClean, isSame, type Leftovers } from '../../host/cleanup/leftovers.ts';
import { removeLeftovers, type Problem } from '../../host/cleanup/remove-leftovers.ts';
import { HostError } from '../../host/host-error.ts';
import { variants, type Variant } from '../../host/iptables/tools.ts';
import { openNetworkNamespace, type NetworkNamespace } from '../../host/network-namespace.ts';
import { takeLock } from '../../host/process-lock.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { paint, wantsColor } from '../output/colors.ts';
import { progressLine } from '../output/progress-line.ts';
import { writeErr, writeOut } from '../output/streams.ts';
import { UsageError } from '../usage-error.ts';
import { askYes, canAsk } from './cleanup-question.ts';
import { cleanupData } from './cleanup-data.ts';
import { blockedProblems, printMessages, printProblems, printRemovals } from './cleanup-text.ts';

/** The options of `cleanup` as commander stores them. */
export interface CleanupFlags extends GlobalOptions {
  readonly netns?: string;
  readonly variant?: Variant;
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
  readonly namespace: NetworkNamespace;
}

export async function runCleanup(flags: CleanupFlags, extra: readonly string[]): Promise<number> {
  const [word] = extra;
  if (word !== undefined) throw new UsageError(`unexpected argument "${word}"`, 'cleanup takes options only');
  if (flags.output === 'json' && flags.yes !== true && flags.dryRun !== true) {
    throw new UsageError('-o json cannot ask', 'Give --yes or --dry-run too');
  }
  const run: Run = { flags, namespace: await openNetworkNamespace(hostRunner, flags.netns) };
  if (flags.yes !== true) return await propose(run);
  return await withLock(run, async () => {
    const found = await find(run);
    await show(run, found);
    return await finish(run, found, await remove(run, found));
  });
}

/** Shows what is there, and asks; between the question and the answer the node may change. */
async function propose(run: Run): Promise<number> {
  const found = await find(run);
  await show(run, found);
  if (run.flags.dryRun === true) {
    const status = await finish(run, found, undefined);
    return isClean(found) ? status : 2;
  }
  if (isClean(found)) return await finish(run, found, []);
  if (!canAsk()) {
    throw new UsageError('nothing was removed: there is no terminal to ask on', '--yes removes it without asking');
  }
  if (!(await askYes('Remove all this? Only "yes" is accepted: '))) throw new HostError('nothing was removed');
  return await withLock(run, async () => {
    const now = await find(run);
    if (isSame(found, now)) return await finish(run, now, await remove(run, now));
    const advice = 'look at it again; is kube-proxy still running?';
    throw new HostError('nothing was removed: the node has changed since it was shown', { advice });
  });
}

async function find({ flags, namespace }: Run): Promise<Leftovers> {
  const { variant, all = false, commandTimeout } = flags;
  const options = { variants: variant === undefined ? variants : [variant], all, timeoutMs: commandTimeout * 1000 };
  return await withProgress(flags, async (onStep) => await findLeftovers(namespace.runner, { ...options, onStep }));
}

/** Removes it, and looks again: what is still there, or there again. */
async function remove(run: Run, found: Leftovers): Promise<readonly Problem[]> {
  if (isClean(found)) return [];
  const { flags, namespace } = run;
  const interruption = new AbortController();
  const abort = (): void => interruption.abort();
  for (const signal of SIGNALS) process.on(signal, abort);
  try {
    const problems = await withProgress(flags, async (onStep) =>
      removeLeftovers(found, {
        runner: namespace.runner,
        all: flags.all === true,
        timeoutMs: flags.commandTimeout * 1000,
        lockSeconds: flags.lockTimeout,
        signal: interruption.signal,
        onStep,
      }),
    );
    if (problems.length > 0) return problems;
    return leftProblems(found, await find(run));
  } finally {
    for (const signal of SIGNALS) process.off(signal, abort);
  }
}

/** Until the end of the step that runs; a second one does no more. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

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

async function show({ flags, namespace }: Run, found: Leftovers): Promise<void> {
  if (flags.output === 'json') return;
  const verbose = flags.verbose === true;
  await writeOut(printRemovals(found, { namespace: namespace.name, verbose }));
  if (flags.quiet !== true) await writeErr(printMessages(found, paint(wantsColor(flags.color, process.stderr))));
}

/** @param problems undefined: nothing was to be removed this time */
async function finish(
  { flags, namespace }: Run,
  found: Leftovers,
  problems: readonly Problem[] | undefined,
): Promise<number> {
  const all = [...blockedProblems(found), ...(problems ?? [])];
  if (flags.output === 'json') {
    await writeOut(`${JSON.stringify(cleanupData(found, namespace.name, problems), undefined, 2)}\n`);
  } else if (problems?.length === 0 && !isClean(found)) await writeOut('All of this was removed.\n');
  await writeErr(printProblems(all, paint(wantsColor(flags.color, process.stderr))));
  return all.length === 0 ? 0 : 1;
}

/** With apply and undo: one of them at a time works on a network namespace. */
async function withLock({ flags, namespace }: Run, work: () => Promise<number>): Promise<number> {
  const release = await withProgress(flags, async (onStep) =>
    takeLock(`apply/${namespace.id}`, {
      seconds: flags.lockTimeout,
      onWait: (holder) => onStep(`waiting for another chainsmith (process ${holder})`),
    }),
  );
  try {
    return await work();
  } finally {
    await release();
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
