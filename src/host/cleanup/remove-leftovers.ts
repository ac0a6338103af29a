// Removes what was found, in the order in which nothing that goes is still referred to: rules and chains, virtual servers, sets, the link,
// tables, counters. One part that fails does not keep the others from going; the second run does the rest.
import { planCleanup, type CleanupOptions } from '../../core/plan/cleanup/plan-cleanup.ts';
import type { Plan } from '../../core/plan/plan.ts';
import { CommandFailed, type CommandRunner } from '../exec.ts';
import { HostError, messageOf } from '../host-error.ts';
import { ApplyFailed, Interrupted } from '../iptables/apply-failed.ts';
import { applyPlan, type Verify } from '../iptables/apply-plan.ts';
import { deleteNfacct } from '../nfacct.ts';
import { DUMMY_LINK } from './dummy-link.ts';
import type { KubeObjects } from './kube-objects.ts';
import type { Leftovers, VariantLeftovers } from './leftovers.ts';
import { deleteNftTable } from './nft-tables.ts';
import { untilFree } from './until-free.ts';

export interface RemoveContext extends CleanupOptions {
  /** Commands in the network namespace. */
  readonly runner: CommandRunner;
  /** Who removes sets, virtual servers and kube-ipvs0. */
  readonly kernel: KubeObjects;
  /** For one command. */
  readonly timeoutMs: number;
  /** To wait for the xtables lock. */
  readonly lockSeconds: number;
  /** Aborted (Ctrl-C): what has begun is finished, and nothing more is begun. */
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((step: string) => void) | undefined;
}

/** One part that is still there. */
export interface Problem {
  readonly message: string;
  readonly details: readonly string[];
  readonly advice?: string | undefined;
}

/** What could not be removed; empty if all is gone. */
export async function removeLeftovers(found: Leftovers, context: RemoveContext): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  const part = async (what: string, remove: () => Promise<void>): Promise<void> => {
    if (context.signal?.aborted === true) return;
    context.onStep?.(`removing ${what}`);
    try {
      await remove();
    } catch (error) {
      if (!isInterruption(error)) problems.push(problemOf(what, error));
    }
  };
  const { runner, kernel } = context;
  for (const variant of found.variants) {
    await part(`the rules of iptables-${variant.variant}`, async () => await removeRules(variant, context));
  }
  for (const server of found.virtualServers) {
    const what = `the virtual server ${server.option} ${server.place}`;
    await part(what, async () => await kernel.deleteVirtualServer(server));
  }
  // If rules could not be removed, sets are in use for as long as they are there.
  const free = untilFree(problems.length === 0);
  for (const name of found.sets) {
    await part(`the ipset ${name}`, async () => await free(async () => await kernel.destroySet(name)));
  }
  if (found.link !== undefined) {
    await part(`the link ${DUMMY_LINK}`, async () => await kernel.deleteLink());
  }
  for (const table of found.nftTables) {
    await part(`the nft table ${table}`, async () => await deleteNftTable(runner, table, context));
  }
  for (const name of found.nfacct) {
    await part(`the nfacct object ${name}`, async () => await free(async () => await removeCounter(runner, name)));
  }
  if (context.signal?.aborted === true) problems.push(interrupted());
  return problems;
}

/** Both families of one variant, or neither. */
async function removeRules({ variant, families, observeMs }: VariantLeftovers, context: RemoveContext): Promise<void> {
  const plan: Plan = { families: families.map(({ cleanup }) => cleanup.plan), sysctls: [], nfacct: [] };
  if (plan.families.every(({ changes }) => changes.length === 0)) return;
  const verify: Verify = ({ family }, saved) => planCleanup(family, saved, context).plan;
  await applyPlan(plan, { ...context, variant, observed: [], observeMs }, verify);
}

/** False if a rule still counts into it. */
async function removeCounter(runner: CommandRunner, name: string): Promise<boolean> {
  try {
    await deleteNfacct(runner, name);
    return true;
  } catch (error) {
    if (error instanceof CommandFailed && error.stderr.includes('busy')) return false;
    if (error instanceof CommandFailed && error.stderr.includes('No such file or directory')) return true;
    throw error;
  }
}

function problemOf(what: string, error: unknown): Problem {
  if (!(error instanceof HostError || error instanceof CommandFailed)) throw error;
  const message = `${what} could not be removed: ${messageOf(error)}`;
  if (error instanceof CommandFailed) return { message, details: [] };
  // There is no undo of a cleanup: it repeats itself.
  const isTorn = error instanceof ApplyFailed && error.outcome.kind === 'not-restored';
  return { message, details: error.details, advice: isTorn ? 'run chainsmith cleanup again' : error.advice };
}

function isInterruption(error: unknown): boolean {
  return error instanceof ApplyFailed && error.cause instanceof Interrupted;
}

function interrupted(): Problem {
  const advice = 'run chainsmith cleanup again for the rest';
  return { message: 'interrupted', details: ['Each part is whole: it is gone, or it is as it was.'], advice };
}
