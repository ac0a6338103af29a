import { serviceChainOf, serviceChainRole } from '../kube/service-chain.ts';
import type { IpSet } from '../../ruleset/ip-set.ts';
import type { Ruleset } from '../../ruleset/ruleset.ts';
import type { IpvsTable } from '../../ruleset/virtual-server.ts';
import { isWholeTable } from '../../ruleset/whole-table.ts';
import { sortedBy } from '../../util/order.ts';
import { openChains, type ChainBook, type Step } from './chain-book.ts';
import { decodeNode } from './decoded-node.ts';
import type { DecodedRules, DecodedServicePort, UnreachedChain } from './decoded-rules.ts';
import { readDispatch } from './dispatch.ts';
import { DraftBook } from './drafts.ts';
import { foreignPrograms } from './foreign-programs.ts';
import { gatherFilter, gatherNat } from './gather.ts';
import { ipvsPorts, type IpvsGiven } from './ipvs/ipvs-ports.ts';
import { readIpvs } from './ipvs/ipvs-rules.ts';
import { cutOffs } from './cut-off.ts';
import { candidates, type Candidates } from './name-port.ts';
import { notDecoded, PORT_ROLES, unreachedChains } from './not-decoded.ts';
import { decodePort } from './service-port.ts';
import { readTerrain } from './terrain.ts';
import { gatherUserspace, USERSPACE_ENTRIES } from './userspace.ts';
import { ChainWalker } from './walk-chain.ts';
import { findWriter } from './writer.ts';

export interface DecodeOptions {
  /**
   * Names of service ports to try where rules have no comments: `namespace/name:port`, or `namespace/name`. A name is taken if the hash in
   * the names of chains is its own.
   */
  readonly names?: Iterable<string>;
  /** Of the IPVS mode: all virtual servers of the node, of both families. */
  readonly ipvs?: IpvsTable | undefined;
  /** Of the IPVS mode: sets with their members, by name, of both families. */
  readonly sets?: ReadonlyMap<string, IpSet> | undefined;
}

const NAT_LISTS: readonly string[] = ['KUBE-SERVICES', 'KUBE-NODEPORTS'];
const FILTER_LISTS: readonly string[] = [
  'KUBE-SERVICES',
  'KUBE-EXTERNAL-SERVICES',
  'KUBE-PROXY-FIREWALL',
  'KUBE-NODEPORTS',
];

/** What the rules of one family do with Services. Takes any rules, and never throws. */
export function decode(ruleset: Ruleset, options: DecodeOptions = {}): DecodedRules {
  const nat = openChains(ruleset, 'nat');
  const filter = openChains(ruleset, 'filter');
  const more = ['mangle', 'raw', 'security'].map((table) => openChains(ruleset, table));
  const land = readTerrain(ruleset, nat);
  const { terrain } = land;
  const walker = new ChainWalker(terrain);
  const drafts = new DraftBook();
  const natLists = readDispatch({ book: nat, entries: NAT_LISTS, isLeaf });
  const filterLists = readDispatch({ book: filter, entries: FILTER_LISTS, isLeaf });
  const userspaceLists = readDispatch({ book: nat, entries: USERSPACE_ENTRIES, isLeaf });
  const others = [...natLists.others, ...gatherNat(natLists, drafts, terrain, walker)];
  addLooseChains(nat, drafts);
  others.push(...gatherUserspace(userspaceLists, drafts));
  others.push(...filterLists.others, ...gatherFilter(filterLists, drafts));
  let known: Candidates | undefined;
  const context = { terrain, walker, known: () => (known ??= candidates(options.names ?? [])), cutOff: cutOffs(nat) };
  const isPart = ruleset.tables.some((table) => table.name === 'nat' && !isWholeTable(table));
  const ports: DecodedServicePort[] = [];
  const loose = new Set<string>();
  for (const draft of drafts.ports.values()) {
    const port = decodePort(draft, context);
    if (!isHusk(port)) ports.push(isPart ? { excerpt: true, ...port } : port);
    if (port.frontends.length === 0 && draft.suffix !== undefined) loose.add(draft.suffix);
  }
  const ipvs = readIpvs(ruleset, options.sets);
  const given = { ipvs: options.ipvs, sets: options.sets };
  const servicePorts = sortPorts([...ports, ...ipvsPorts(ruleset, terrain, given)]);
  // Before the rest is looked at: what has not been met until now is unreached.
  const unreached = unreachedChains(nat, servicePorts, walker);
  const writer = findWriter({ ruleset, nat, filter, terrain, servicePorts });
  return {
    family: ruleset.family,
    writer,
    programs: foreignPrograms(ruleset),
    node: decodeNode(ruleset, land, [natLists, filterLists, userspaceLists]),
    servicePorts,
    ipvsSets: ipvs.sets,
    ipvsLines: [...ipvs.rules].map(({ line }) => line).sort((a, b) => a - b),
    ipvsMissing: writer.mode === 'ipvs' ? missingOf(given) : undefined,
    unreached,
    notDecoded: notDecoded(ruleset, {
      others: [...others, ...translationsOf(nat, loose, unreached)],
      walker,
      books: [nat, filter, ...more],
      told: ipvs.rules,
    }),
  };
}

/** Undefined where nothing is. */
function missingOf({ ipvs, sets }: IpvsGiven): DecodedRules['ipvsMissing'] {
  const missing = [
    ...(ipvs === undefined ? (['virtual-servers'] as const) : []),
    ...(sets === undefined ? (['sets'] as const) : []),
  ];
  return missing.length === 0 ? undefined : missing;
}

function isLeaf(chain: string): boolean {
  return serviceChainRole(chain) !== undefined || chain === 'KUBE-MARK-MASQ' || chain === 'KUBE-MARK-DROP';
}

/** Chains of service ports that nothing leads to. */
function addLooseChains(nat: ChainBook, drafts: DraftBook): void {
  for (const role of PORT_ROLES) {
    for (const name of nat.ofRole(role)) drafts.ofChain(name);
  }
}

/** Nothing but empty chains that nothing leads to: they are told of as such. */
function isHusk({ frontends, chains, endpoints, healthCheckNodePort }: DecodedServicePort): boolean {
  const isEmpty = chains.every(({ rules }) => rules.length === 0) && endpoints.length === 0;
  return frontends.length === 0 && isEmpty && healthCheckNodePort === undefined;
}

/**
 * Rules that translate, in chains of service ports without an address: rules that are not understood can lead there, and nobody has looked
 * where they go.
 */
function translationsOf(
  nat: ChainBook,
  suffixes: ReadonlySet<string>,
  unreached: readonly UnreachedChain[],
): readonly Step[] {
  const told = new Set(unreached.map(({ name }) => name));
  const names = PORT_ROLES.flatMap((role) => nat.ofRole(role)).filter((name) => !told.has(name));
  return names
    .filter((name) => suffixes.has(serviceChainOf(name)?.suffix ?? ''))
    .flatMap((name) => nat.steps(name) ?? [])
    .filter(({ at: { rule } }) => rule.target.kind === 'dnat' || rule.target.kind === 'redirect');
}

function sortPorts(ports: readonly DecodedServicePort[]): readonly DecodedServicePort[] {
  return sortedBy(
    ports,
    ({ namespace }) => (namespace === undefined ? 1 : 0),
    ({ namespace }) => namespace ?? '',
    ({ serviceName }) => serviceName ?? '',
    ({ portName }) => portName ?? '',
    ({ protocol }) => protocol ?? '',
    ({ name }) => name,
  );
}
