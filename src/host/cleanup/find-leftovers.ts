// Looks at everything that kube-proxy can leave on a node, and changes nothing. Each part needs its own tool; where that is missing, the part
// is skipped without a word only if the kernel has nothing that the tool could show.
import { isKubeProxySet } from '../../core/plan/cleanup/kube-sets.ts';
import { countersInUse, setReferences } from '../../core/plan/cleanup/used-objects.ts';
import { ROUTE_LOCALNET } from '../../core/ruleset/compiled-rules.ts';
import { enterNamespace } from '../enter-namespace.ts';
import type { CommandRunner } from '../exec.ts';
import { variants as variantNames, type Variant } from '../iptables/tools.ts';
import { countServers } from '../ipvs/count-servers.ts';
import { listNfacct } from '../nfacct.ts';
import { readSysctl } from '../sysctl.ts';
import { DUMMY_LINK, type DummyLink } from './dummy-link.ts';
import { findRules } from './find-rules.ts';
import type { KubeObjects, Seen } from './kube-objects.ts';
import type { Leftovers, UnreadTables, VariantLeftovers } from './leftovers.ts';
import { findNftTables } from './nft-tables.ts';
import { seenByTool } from './tools-objects.ts';
import { ownVirtualServers, type VirtualServer } from './virtual-servers.ts';

export interface FindOptions {
  readonly variants: readonly Variant[];
  /** Chains and jumps, and nothing else: the rest may serve the other variant, or a kube-proxy that goes on in another mode. */
  readonly rulesOnly: boolean;
  /** The kubelet's chains too. */
  readonly all: boolean;
  /** For one command. */
  readonly timeoutMs: number;
  /** As --netns names it, for what the user is told to run there. */
  readonly netns?: string | undefined;
  /** Who looks for sets, virtual servers and kube-ipvs0. */
  readonly kernel: KubeObjects;
  readonly onStep?: ((step: string) => void) | undefined;
}

/** What a search has to say besides what it found. */
interface Search extends FindOptions {
  readonly runner: CommandRunner;
  readonly unread: UnreadTables[];
  readonly warnings: string[];
  readonly notes: string[];
}

export async function findLeftovers(runner: CommandRunner, options: FindOptions): Promise<Leftovers> {
  const search: Search = { ...options, runner, unread: [], warnings: [], notes: [] };
  const variants: VariantLeftovers[] = [];
  for (const variant of options.variants) {
    options.onStep?.(`reading the rules of iptables-${variant}`);
    const onUnread = (unread: UnreadTables): void => void search.unread.push(unread);
    variants.push(await findRules(runner, variant, { ...options, onUnread }));
  }
  const objects = options.rulesOnly ? NO_OBJECTS : await findObjects(search, variants);
  if (!(await hasOtherFirewall(search))) await warnOfLocalnet(search, variants);
  const { unread, warnings, notes } = search;
  return { variants, ...objects, unread, warnings, notes };
}

type Objects = Pick<Leftovers, 'sets' | 'virtualServers' | 'link' | 'nftTables' | 'nfacct'>;

const NO_OBJECTS: Objects = { sets: [], virtualServers: [], link: undefined, nftTables: [], nfacct: [] };

async function findObjects(search: Search, variants: readonly VariantLeftovers[]): Promise<Objects> {
  const { runner } = search;
  search.onStep?.('looking for ipsets, links and tables');
  const sets = await findSets(search, variants);
  const link = await search.kernel.link();
  const virtualServers = await findVirtualServers(search, sets, link);
  const tables = await seenByTool(runner, ['nft', 'nf_tables'], [], () => findNftTables(runner, search));
  const nftTables = seenOr(search, 'nft tables', [], tables);
  const nfacct = await findNfacct(search, variants);
  return { sets, virtualServers, link, nftTables, nfacct };
}

/** Warns where nothing could be seen. */
function seenOr<T>({ warnings }: Search, what: string, nothing: T, result: Seen<T>): T {
  if ('seen' in result) return result.seen;
  warnings.push(`could not look for ${what}: ${result.obstacle}`);
  return nothing;
}

async function findSets(search: Search, variants: readonly VariantLeftovers[]): Promise<readonly string[]> {
  const { kernel, notes } = search;
  const own = seenOr(search, 'ipsets', [], await kernel.sets()).filter(({ name }) => isKubeProxySet(name));
  if (own.length === 0) return [];
  const plans = variants.flatMap(({ families }) => families.map(({ cleanup }) => setReferences(cleanup.plan)));
  return own.flatMap(({ name, references }) => {
    const left = references - plans.reduce((sum, counts) => sum + (counts.get(name) ?? 0), 0);
    if (left <= 0) return [name];
    notes.push(
      `the ipset ${name} stays: ${left} other ${left === 1 ? 'rule or set refers' : 'rules or sets refer'} to it`,
    );
    return [];
  });
}

/** kube-proxy's own; keepalived makes others for whatever it likes. */
async function findVirtualServers(
  search: Search,
  sets: readonly string[],
  link: DummyLink | undefined,
): Promise<readonly VirtualServer[]> {
  const { runner, kernel, warnings, notes } = search;
  const count = (await countServers(runner))?.virtual ?? 0;
  if (count === 0) return [];
  const result = await kernel.virtualServers();
  if ('obstacle' in result) {
    warnings.push(
      `the kernel has ${count} IPVS virtual ${count === 1 ? 'server, which stays' : 'servers, which stay'}: ` +
        `${result.obstacle}; see to that first, since without ${DUMMY_LINK} nothing tells whose they are`,
    );
    return [];
  }
  const all = result.seen;
  const isOwn = await ownVirtualServers(kernel, sets, link?.addresses ?? []);
  const others = all.filter((server) => !isOwn(server));
  if (others.length > 0) {
    const shown = others.slice(0, 5).map(({ option, place }) => `${option} ${place}`);
    const more = others.length > shown.length ? ` and ${others.length - shown.length} more` : '';
    const which = `${shown.join(', ')}${more}`;
    notes.push(`IPVS virtual servers stay that may be nodePorts or somebody else's: ${which}; ipvsadm -D removes one`);
  }
  return all.filter(isOwn);
}

/** kube-proxy 1.32 and newer make these. */
const COUNTERS: readonly string[] = ['ct_state_invalid_dropped_pkts', 'localhost_nps_accepted_pkts'];

async function findNfacct(search: Search, variants: readonly VariantLeftovers[]): Promise<readonly string[]> {
  const { runner, notes } = search;
  const looked = await seenByTool<readonly string[]>(runner, ['nfacct', 'nfnetlink_acct'], [], () =>
    listNfacct(runner),
  );
  const all = seenOr(search, 'nfacct objects', [], looked);
  const own = COUNTERS.filter((name) => all.includes(name));
  if (own.length === 0) return [];
  const used = variants.flatMap(({ families }) =>
    families.map(({ saved, cleanup }) => countersInUse(saved, cleanup.plan)),
  );
  return own.filter((name) => {
    const stays = used.some((names) => names.has(name));
    if (stays) notes.push(`the nfacct object ${name} stays: a rule that stays counts into it`);
    return !stays;
  });
}

/** Whether the rules of a variant that is not looked at keep neighbours from 127.0.0.1, and may need the setting. */
async function hasOtherFirewall(search: Search): Promise<boolean> {
  const unheard = (): void => {};
  for (const variant of variantNames.filter((name) => !search.variants.includes(name))) {
    const { families } = await findRules(search.runner, variant, { ...search, onUnread: unheard });
    const rules = families.find(({ cleanup }) => cleanup.plan.family === 'ipv4')?.saved;
    if (rules?.tables.some(({ name, chains }) => name === 'filter' && chains.has('KUBE-FIREWALL')) === true)
      return true;
  }
  return false;
}

/** kube-proxy never sets it back either: somebody else may want it. Without KUBE-FIREWALL it is a hole (CVE-2020-8558). */
async function warnOfLocalnet(
  { runner, netns, warnings, notes }: Search,
  variants: readonly VariantLeftovers[],
): Promise<void> {
  const plans = variants.flatMap(({ families }) => families.map(({ cleanup }) => cleanup.plan));
  const changes = plans.flatMap((plan) => (plan.family === 'ipv4' ? plan.changes : []));
  if (changes.length === 0 || (await readSysctl(runner, ROUTE_LOCALNET)) !== '1') return;
  const losesFirewall = changes.some(({ table, chain }) => table === 'filter' && chain === 'KUBE-FIREWALL');
  if (!losesFirewall) notes.push(`${ROUTE_LOCALNET} stays 1`);
  else {
    warnings.push(
      `${ROUTE_LOCALNET} stays 1, and KUBE-FIREWALL goes, which keeps neighbours from services at 127.0.0.1: ` +
        `if nothing else needs it, ${enterNamespace(netns)}sysctl -w ${ROUTE_LOCALNET}=0`,
    );
  }
}
