import { ipFamilies, type IpFamily } from '../../core/model/ip.ts';
import { isTableName } from '../../core/ruleset/compiled-rules.ts';
import { planCleanup, type CleanupOptions } from '../../core/plan/cleanup/plan-cleanup.ts';
import { CommandFailed, type CommandRunner } from '../exec.ts';
import { HostError } from '../host-error.ts';
import { observe } from '../iptables/observe.ts';
import { legacyTables } from '../iptables/legacy-tables.ts';
import { toolsOf, type Variant } from '../iptables/tools.ts';
import { readProcFile } from '../proc-file.ts';
import { saysAbsent } from './kernel-module.ts';
import { findIptablesTables } from './nft-tables.ts';
import { seenByTool } from './tools-objects.ts';
import type { FamilyLeftovers, UnreadTables, VariantLeftovers } from './leftovers.ts';

export interface FindRulesOptions extends CleanupOptions {
  readonly timeoutMs: number;
  readonly onUnread: (unread: UnreadTables) => void;
}

/** Reads both families of a variant and sees what is kube-proxy's in them. */
export async function findRules(
  runner: CommandRunner,
  variant: Variant,
  options: FindRulesOptions,
): Promise<VariantLeftovers> {
  const start = performance.now();
  const families: FamilyLeftovers[] = [];
  const hasIpv6 = (await readProcFile(runner, '/proc/net/if_inet6')) !== undefined;
  for (const family of ipFamilies) {
    if (family === 'ipv6' && !hasIpv6) continue;
    const found = await findFamily(runner, variant, family, options);
    if (found !== undefined) families.push(found);
  }
  return { variant, families, observeMs: (performance.now() - start) / 2 };
}

async function findFamily(
  runner: CommandRunner,
  variant: Variant,
  family: IpFamily,
  options: FindRulesOptions,
): Promise<FamilyLeftovers | undefined> {
  const tables = variant === 'legacy' ? await legacyTables(runner, family) : undefined;
  if (variant === 'legacy' && tables === undefined) return undefined;
  const { save } = toolsOf(variant, family);
  if ((await runner.which(save)) === undefined) {
    const there = variant === 'legacy' ? tables : await nftTables(runner, family, options);
    if (there !== '') options.onUnread({ variant, family, tables: there, tool: save, why: 'not-installed' });
    return undefined;
  }
  const saved = await unlessAbsent(
    observe(runner, variant, family, {
      timeoutMs: options.timeoutMs,
      onHiddenTable: (table) => {
        // kube-proxy has nothing in the others.
        if (!isTableName(table)) return;
        options.onUnread({ variant, family, tables: table, tool: save, why: 'rules-of-nft' });
      },
    }),
  );
  return saved === undefined ? undefined : { saved, cleanup: planCleanup(family, saved, options) };
}

/** What nft knows of iptables' tables, with blanks between; undefined where it cannot be asked, and the kernel may have some. */
async function nftTables(
  runner: CommandRunner,
  family: IpFamily,
  options: FindRulesOptions,
): Promise<string | undefined> {
  const looked = await seenByTool<readonly string[]>(runner, ['nft', 'nf_tables'], [], () =>
    findIptablesTables(runner, family, options),
  );
  return 'seen' in looked ? looked.seen.join(' ') : undefined;
}

/** A kernel without nf_tables has no rules of iptables-nft. */
async function unlessAbsent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    const cause = error instanceof HostError ? error.cause : undefined;
    if (cause instanceof CommandFailed && saysAbsent(cause)) return undefined;
    throw error;
  }
}
