import type { FamilyCleanup } from '../../core/plan/cleanup/plan-cleanup.ts';
import type { IpFamily } from '../../core/model/ip.ts';
import type { SavedRules } from '../../core/ruleset/saved-rules.ts';
import type { Variant } from '../iptables/tools.ts';
import type { DummyLink } from './dummy-link.ts';
import type { NftTable } from './nft-tables.ts';
import type { VirtualServer } from './virtual-servers.ts';

/** What is there that kube-proxy, of any mode, or chainsmith made; and what a person should know about it. */
export interface Leftovers {
  readonly variants: readonly VariantLeftovers[];
  /** Names of ipsets that nothing needs once the rules are gone. */
  readonly sets: readonly string[];
  readonly virtualServers: readonly VirtualServer[];
  readonly link: DummyLink | undefined;
  readonly nftTables: readonly NftTable[];
  /** Names of nfacct objects into which nothing counts once the rules are gone. */
  readonly nfacct: readonly string[];
  /** Tables that are there, or may be, and could not be read. */
  readonly unread: readonly UnreadTables[];
  /** Other parts that could not be looked at, and may have nothing: something may be left there. */
  readonly warnings: readonly string[];
  /** What stays, and why. */
  readonly notes: readonly string[];
}

export interface UnreadTables {
  readonly variant: Variant;
  readonly family: IpFamily;
  /** Their names, with blanks between them; undefined if nothing here can say whether there are any. */
  readonly tables: string | undefined;
  /** The tool that would read them. */
  readonly tool: string;
  /** It is not installed, or leaves them out, as they hold rules of nft that it has no words for. */
  readonly why: 'not-installed' | 'rules-of-nft';
}

export interface VariantLeftovers {
  readonly variant: Variant;
  readonly families: readonly FamilyLeftovers[];
  /** How long the slowest reading took, in milliseconds. */
  readonly observeMs: number;
}

export interface FamilyLeftovers {
  readonly saved: SavedRules;
  readonly cleanup: FamilyCleanup;
}

/** Chains that have to stay do not count. */
export function isClean(found: Leftovers): boolean {
  const { variants, sets, virtualServers, link, nftTables, nfacct } = found;
  const objects = sets.length + virtualServers.length + nftTables.length + nfacct.length;
  return objects === 0 && link === undefined && variants.every(({ families }) => families.every(hasNoChanges));
}

function hasNoChanges({ cleanup }: Pick<FamilyLeftovers, 'cleanup'>): boolean {
  return cleanup.plan.changes.length === 0;
}

/** Whether both say that the same is to be removed. */
export function isSame(a: Leftovers, b: Leftovers): boolean {
  return JSON.stringify(removals(a)) === JSON.stringify(removals(b));
}

function removals({ variants, sets, virtualServers, link, nftTables, nfacct }: Leftovers): unknown {
  const plans = variants.map(({ variant, families }) => [
    variant,
    families.flatMap(({ cleanup }) => (hasNoChanges({ cleanup }) ? [] : [cleanup.plan])),
  ]);
  return [plans, sets, virtualServers, link, nftTables, nfacct];
}
