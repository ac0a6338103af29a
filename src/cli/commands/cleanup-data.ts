import type { IpFamily } from '../../core/model/ip.ts';
import { DUMMY_LINK } from '../../host/cleanup/dummy-link.ts';
import type { FamilyLeftovers, Leftovers } from '../../host/cleanup/leftovers.ts';
import type { Problem } from '../../host/cleanup/remove-leftovers.ts';
import type { Variant } from '../../host/iptables/tools.ts';

/** What `cleanup -o json` prints. Scripts rely on it: fields are added, never renamed. */
export interface CleanupData {
  readonly apiVersion: 'chainsmith/v1';
  readonly kind: 'Cleanup';
  /** As --netns named it; missing for the node itself. */
  readonly networkNamespace?: string;
  readonly iptables: readonly TableData[];
  readonly ipsets: readonly string[];
  /** As ipvsadm takes them after -D. */
  readonly virtualServers: readonly string[];
  readonly link?: { readonly name: string; readonly addresses: readonly string[] };
  readonly nftTables: readonly string[];
  readonly nfacct: readonly string[];
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
  /** Whether this run was to remove it: false with --dry-run. */
  readonly removed: boolean;
  /** What could not be removed, or not even looked at though it is there. */
  readonly problems: readonly string[];
}

export interface TableData {
  readonly variant: Variant;
  readonly family: IpFamily;
  readonly table: string;
  readonly chains: readonly string[];
  /** Rules of built-in chains, `-A` lines. */
  readonly jumps: readonly string[];
  readonly blocked: readonly BlockedData[];
}

/** A chain that stays, with those that it leads to, because somebody else's rule jumps to it. */
export interface BlockedData {
  readonly chain: string;
  readonly rule: string;
  readonly holds: readonly string[];
}

export function cleanupData(
  found: Leftovers,
  networkNamespace: string | undefined,
  { removed, problems }: { readonly removed: boolean; readonly problems: readonly Problem[] },
): CleanupData {
  const { sets, virtualServers, link, nftTables, nfacct, warnings, notes } = found;
  return {
    apiVersion: 'chainsmith/v1',
    kind: 'Cleanup',
    ...(networkNamespace === undefined ? {} : { networkNamespace }),
    iptables: found.variants.flatMap(({ variant, families }) => families.flatMap((family) => tables(variant, family))),
    ipsets: sets,
    virtualServers: virtualServers.map(({ option, place }) => `${option} ${place}`),
    ...(link === undefined ? {} : { link: { name: DUMMY_LINK, addresses: link.addresses } }),
    nftTables,
    nfacct,
    warnings,
    notes,
    removed,
    problems: problems.map(({ message }) => message),
  };
}

function tables(variant: Variant, { cleanup }: FamilyLeftovers): readonly TableData[] {
  const { plan, blocked } = cleanup;
  const names = [...new Set([...plan.changes, ...blocked].map(({ table }) => table))];
  return names.map((table) => {
    const own = plan.changes.filter((change) => change.table === table);
    return {
      variant,
      family: plan.family,
      table,
      chains: own.filter(({ kind }) => kind === 'delete-chain').map(({ chain }) => chain),
      jumps: own.flatMap((change) => (change.kind === 'edit-chain' ? change.edits.map(({ rule }) => rule) : [])),
      blocked: blocked.filter((one) => one.table === table).map(({ chain, rule, holds }) => ({ chain, rule, holds })),
    };
  });
}
