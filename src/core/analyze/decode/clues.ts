// What in the rules tells the version of kube-proxy. Each clue names the release that began, or the last one that did so; where a change was
// carried back to older ones, it is no clue. Sources: the pull requests named below, and recordings of the versions.
import type { Ruleset } from '../../ruleset/ruleset.ts';
import type { ChainBook } from './chain-book.ts';
import type { DecodedServicePort, Evidence, ProxyMode } from './decoded-rules.ts';
import {
  chainOfRole,
  hasArrow,
  hasBareName,
  hasNfacct,
  lineOfPrecision,
  markInEndpoint,
  refuses,
  ruleIn,
  ruleOfRole,
  unnamedPort,
} from './rule-signs.ts';
import type { Terrain } from './walk-chain.ts';

export interface ClueContext {
  readonly ruleset: Ruleset;
  readonly nat: ChainBook;
  readonly filter: ChainBook;
  readonly terrain: Terrain;
  readonly servicePorts: readonly DecodedServicePort[];
}

export interface Clue {
  /** The mode that it is a sign of; undefined where several do it. */
  readonly mode: ProxyMode | undefined;
  readonly text: string;
  /** The minor version of Kubernetes 1.x that began it. */
  readonly since?: number;
  /** The last that did it. */
  readonly until?: number;
  /** The first line that shows it. */
  readonly find: (context: ClueContext) => number | undefined;
}

export interface FoundClue extends Evidence {
  readonly clue: Clue;
}

/** The most telling ones first. */
const CLUES: readonly Clue[] = [
  {
    mode: 'iptables',
    text: 'KUBE-EXT chains',
    since: 24,
    find: ({ nat }) => chainOfRole(nat, 'external'),
  },
  { mode: 'iptables', text: 'KUBE-SVL chains', since: 24, find: ({ nat }) => chainOfRole(nat, 'local') },
  {
    // kubernetes/kubernetes#109060
    mode: 'iptables',
    text: 'KUBE-XLB chains',
    since: 4,
    until: 23,
    find: ({ nat }) => chainOfRole(nat, 'old-external'),
  },
  {
    // kubernetes/kubernetes#122812, #125015
    mode: 'iptables',
    text: 'nfacct counters',
    since: 31,
    find: ({ nat, filter }) => ruleIn(filter, 'KUBE-FORWARD', hasNfacct) ?? ruleIn(nat, 'KUBE-NODEPORTS', hasNfacct),
  },
  {
    // kubernetes/kubernetes#110289
    mode: 'iptables',
    text: 'the chain KUBE-PROXY-FIREWALL',
    since: 25,
    find: ({ filter }) =>
      filter.chains.has('KUBE-SOURCE-RANGES-FIREWALL') ? undefined : filter.chains.get('KUBE-PROXY-FIREWALL')?.line,
  },
  {
    mode: 'iptables',
    text: 'KUBE-FW chains that jump to KUBE-MARK-DROP',
    until: 24,
    find: ({ nat, terrain }) => ruleOfRole(nat, 'firewall', (step) => terrain.drops(step)),
  },
  {
    mode: 'iptables',
    text: 'comments with "-> ADDRESS:PORT"',
    since: 24,
    find: ({ nat }) => ruleOfRole(nat, 'cluster', hasArrow),
  },
  {
    // kubernetes/kubernetes#96959
    mode: 'iptables',
    text: 'masquerading in the KUBE-SVC chains',
    since: 21,
    find: ({ nat, terrain }) => ruleOfRole(nat, 'cluster', (step) => terrain.masquerades(step)),
  },
  {
    mode: 'iptables',
    text: 'masquerading of node ports in the KUBE-SVC chains',
    since: 21,
    until: 23,
    find: ({ nat, terrain }) =>
      ruleOfRole(nat, 'cluster', (step) => {
        const { port, destination } = step.guard;
        return port !== undefined && destination === undefined && terrain.masquerades(step);
      }),
  },
  {
    mode: 'iptables',
    text: 'comments of KUBE-SVC rules without an address',
    until: 23,
    find: ({ nat }) => ruleOfRole(nat, 'cluster', hasBareName),
  },
  {
    mode: 'iptables',
    text: 'masquerading in KUBE-SERVICES',
    until: 20,
    find: ({ nat, terrain }) =>
      ruleIn(nat, 'KUBE-SERVICES', (step) => terrain.masquerades(step) && step.guard.port !== undefined),
  },
  {
    mode: 'iptables',
    text: 'the chain KUBE-NODEPORTS in filter',
    since: 20,
    find: ({ filter }) => filter.chains.get('KUBE-NODEPORTS')?.line,
  },
  {
    mode: 'iptables',
    text: 'names of unnamed ports without a colon',
    since: 19,
    find: ({ nat }) => ruleIn(nat, 'KUBE-SERVICES', (step) => unnamedPort(step) === 'without'),
  },
  {
    mode: 'iptables',
    text: 'names of unnamed ports that end in a colon',
    until: 18,
    find: ({ nat }) => ruleIn(nat, 'KUBE-SERVICES', (step) => unnamedPort(step) === 'with'),
  },
  {
    // kubernetes/kubernetes#81517
    mode: undefined,
    text: 'the chain KUBE-PROXY-CANARY',
    since: 17,
    find: ({ ruleset }) =>
      ruleset.tables.flatMap(({ chains }) => chains.get('KUBE-PROXY-CANARY')?.line ?? []).sort((a, b) => a - b)[0],
  },
  {
    // kubernetes/kubernetes#83599
    mode: 'iptables',
    text: 'probabilities with ten decimals',
    since: 17,
    find: ({ servicePorts }) => lineOfPrecision(servicePorts, 'kernel'),
  },
  {
    mode: 'iptables',
    text: 'probabilities with five decimals',
    until: 16,
    find: ({ servicePorts }) => lineOfPrecision(servicePorts, 'five-decimals'),
  },
  {
    // kubernetes/kubernetes#20496
    mode: undefined,
    text: 'the chain KUBE-MARK-MASQ',
    since: 2,
    find: ({ nat }) => nat.chains.get('KUBE-MARK-MASQ')?.line,
  },
  {
    mode: 'iptables',
    text: 'marks that are set in KUBE-SEP chains',
    until: 1,
    find: ({ nat }) => markInEndpoint(nat),
  },
  {
    mode: 'iptables',
    text: 'KUBE-SVC chains',
    since: 1,
    find: ({ nat }) => chainOfRole(nat, 'cluster'),
  },
  {
    mode: 'iptables',
    text: 'rules for Services without endpoints',
    find: ({ filter }) => ruleIn(filter, 'KUBE-SERVICES', refuses) ?? ruleIn(filter, 'KUBE-EXTERNAL-SERVICES', refuses),
  },
  {
    mode: 'iptables',
    text: 'the chain KUBE-NODEPORTS',
    find: ({ nat }) => nat.chains.get('KUBE-NODEPORTS')?.line,
  },
  {
    mode: 'iptables',
    text: 'addresses in KUBE-SERVICES',
    find: ({ nat }) =>
      ruleIn(nat, 'KUBE-SERVICES', ({ guard }) => guard.destination !== undefined && guard.port !== undefined),
  },
  {
    mode: 'ipvs',
    text: 'the chain KUBE-IPVS-FILTER',
    since: 26,
    find: ({ filter }) => filter.chains.get('KUBE-IPVS-FILTER')?.line,
  },
  {
    // kubernetes/kubernetes#110628
    mode: 'ipvs',
    text: 'the chain KUBE-SOURCE-RANGES-FIREWALL',
    since: 25,
    find: ({ filter }) => filter.chains.get('KUBE-SOURCE-RANGES-FIREWALL')?.line,
  },
  {
    mode: 'ipvs',
    text: 'the chain KUBE-FIREWALL in nat',
    until: 24,
    find: ({ nat }) => nat.chains.get('KUBE-FIREWALL')?.line,
  },
  {
    mode: 'ipvs',
    text: 'rules of KUBE-SERVICES that ask ipsets',
    find: ({ nat }) => ruleIn(nat, 'KUBE-SERVICES', ({ guard }) => guard.sets.length > 0),
  },
  {
    mode: 'ipvs',
    text: 'the chain KUBE-LOAD-BALANCER',
    find: ({ nat }) => nat.chains.get('KUBE-LOAD-BALANCER')?.line,
  },
  { mode: 'ipvs', text: 'the chain KUBE-NODE-PORT', find: ({ nat }) => nat.chains.get('KUBE-NODE-PORT')?.line },
  {
    mode: 'userspace',
    text: 'KUBE-PORTALS chains',
    until: 25,
    find: ({ nat }) => (nat.chains.get('KUBE-PORTALS-CONTAINER') ?? nat.chains.get('KUBE-PORTALS-HOST'))?.line,
  },
  {
    mode: 'userspace',
    text: 'KUBE-NODEPORT chains',
    until: 25,
    find: ({ nat }) => (nat.chains.get('KUBE-NODEPORT-CONTAINER') ?? nat.chains.get('KUBE-NODEPORT-HOST'))?.line,
  },
];

export function findClues(context: ClueContext): readonly FoundClue[] {
  return CLUES.flatMap((clue) => {
    const line = clue.find(context);
    return line === undefined ? [] : [{ clue, line, text: `${clue.text}${versionText(clue)}` }];
  });
}

function versionText({ since, until }: Clue): string {
  if (since !== undefined && until !== undefined) return ` (1.${since} to 1.${until})`;
  if (since !== undefined) return ` (1.${since} and newer)`;
  return until === undefined ? '' : ` (1.${until} and older)`;
}
