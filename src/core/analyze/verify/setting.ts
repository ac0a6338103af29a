import { ipFromNumber, ipToNumber, parseIp, type Ip, type IpFamily } from '../../model/ip.ts';
import type { ProxySettings } from '../../services/proxy-settings.ts';
import { ipRangeMatch } from '../../ruleset/ip-range.ts';
import { parseNetwork } from '../../ruleset/ip-network.ts';
import { ALWAYS, type Diagram } from './node-table.ts';
import { InterfaceClasses } from './interface-classes.ts';
import { NEW_OUT, ORIGIN, OUT, SOURCE_TYPE } from './levels.ts';
import { BROADCAST, LOCAL, MULTICAST } from './place.ts';
import type { PlaceFacts } from './places.ts';
import type { RuleProgram } from './rule-program.ts';
import { SourceRanges, rangesOf, type AddressRange } from './source-ranges.ts';
import { cidrRange, single, type SpecificationCuts } from './specification.ts';
import { Workspace } from './workspace.ts';

/** What routing knows of addresses, whoever asks (inet_addr_type, and the types of IPv6). */
const KNOWN_TYPES: { readonly [F in IpFamily]: readonly (readonly [string, number])[] } = {
  ipv4: [
    ['127.0.0.0/8', LOCAL],
    ['0.0.0.0/8', BROADCAST],
    ['255.255.255.255', BROADCAST],
    ['224.0.0.0/4', MULTICAST],
  ],
  ipv6: [
    ['::1', LOCAL],
    ['ff00::/8', MULTICAST],
  ],
};

/** The world that rules are judged in: cut at everything that rules and specification tell apart. */
export interface Setting {
  readonly work: Workspace;
  readonly facts: PlaceFacts;
  readonly localAddresses: readonly Ip[];
}

export interface SettingOptions {
  readonly family: IpFamily;
  readonly rules: readonly RuleProgram[];
  /** Addresses of the node; loopback need not be among them. */
  readonly localAddresses: readonly Ip[];
  readonly cuts?: SpecificationCuts;
  /** Further addresses of the node: those of kube-ipvs0. */
  readonly bound?: readonly Ip[];
  /** Nodes of diagrams that may be kept at a time. */
  readonly mostNodes: number;
}

const NO_CUTS: SpecificationCuts = { points: [], ports: [], sources: [], destinations: [], interfaces: [] };

export function makeSetting({
  family,
  rules,
  localAddresses,
  cuts = NO_CUTS,
  bound = [],
  mostNodes,
}: SettingOptions): Setting {
  const ofFamily = (ips: readonly Ip[]): readonly Ip[] => ips.filter((ip) => ip.family === family);
  const own = ofFamily([...localAddresses, ...bound]);
  const known = KNOWN_TYPES[family].flatMap(([text, types]) =>
    rangesOfText(text, family).map((range) => ({ ranges: [range], types })),
  );
  const sources: AddressRange[] = [...cuts.sources, ...own.map(single), ...loopback(family)];
  const interfaces = new Set<string>(cuts.interfaces);
  for (const rule of rules) {
    const { source, inInterface, outInterface } = rule.read.rule;
    if (source?.network !== undefined && !rule.unreadable) sources.push(...(rangesOf(source.network, family) ?? []));
    for (const match of rule.changing) {
      const range = match.kind === 'opaque' ? ipRangeMatch(match, family)?.source : undefined;
      if (range !== undefined) sources.push(range);
      if (match.kind !== 'conntrack') continue;
      for (const side of [match.originalSource, match.replyDestination]) {
        if (side !== undefined) sources.push(...(rangesOf(side.network, family) ?? []));
      }
    }
    if (inInterface !== undefined) interfaces.add(inInterface.value);
    if (outInterface !== undefined) interfaces.add(outInterface.value);
  }
  return {
    work: new Workspace(new SourceRanges(family, sources), new InterfaceClasses(interfaces), mostNodes),
    facts: {
      family,
      ranges: [
        ...known,
        ...ofFamily(localAddresses).map((ip) => ({ ranges: [single(ip)], types: LOCAL })),
        ...(bound.length === 0 ? [] : [{ ranges: ofFamily(bound).map(single), types: LOCAL }]),
        ...cuts.destinations.map((ranges) => ({ ranges, types: ~0 })),
      ],
      points: cuts.points,
      ports: cuts.ports,
    },
    localAddresses: own,
  };
}

/** Loopback, by which the network must not come. */
export function loopback(family: IpFamily): readonly AddressRange[] {
  return rangesOfText(family === 'ipv4' ? '127.0.0.0/8' : '::1', family);
}

function rangesOfText(text: string, family: IpFamily): readonly AddressRange[] {
  const network = parseNetwork(text);
  return network === undefined ? [] : (rangesOf(network, family) ?? []);
}

/**
 * The packets that can be: what the node makes has an address of the node as its source; the node's known addresses are its own; nothing
 * first comes in by lo, and lo leads nowhere else.
 */
export function possiblePackets({ work, facts, localAddresses }: Setting): Diagram {
  const { diagrams, sources, interfaces } = work;
  const ownSource = diagrams.range(SOURCE_TYPE, 1, 1);
  const known = sources.anyOf(diagrams, [...localAddresses.map(single), ...loopback(facts.family)]);
  let possible = diagrams.or(ownSource, diagrams.not(diagrams.or(diagrams.range(ORIGIN, 0, 0), known)));
  // Nothing comes from a broadcast or multicast address.
  possible = diagrams.minus(possible, diagrams.range(SOURCE_TYPE, 2, 3));
  const count = interfaces.names.length;
  possible = diagrams.and(possible, diagrams.range(ORIGIN, 0, count));
  for (const out of [OUT, NEW_OUT]) {
    if (count > 1) possible = diagrams.and(possible, diagrams.range(out, 0, count - 1));
  }
  const lo = interfaces.classOf('lo');
  if (lo !== undefined) {
    possible = diagrams.minus(possible, diagrams.range(ORIGIN, lo + 1, lo + 1));
    for (const out of [OUT, NEW_OUT]) possible = diagrams.minus(possible, diagrams.range(out, lo, lo));
  }
  return possible === ALWAYS ? ALWAYS : possible;
}

/** Addresses that examples may come from: a Pod first, then somebody outside, at last this node. */
export function exampleSources(settings: ProxySettings | undefined, family: IpFamily): readonly bigint[] {
  const { localDetector } = settings ?? { localDetector: { kind: 'none' } as const };
  const pods =
    localDetector.kind === 'source' && localDetector.cidr.prefix > 0 ? cidrRange(localDetector.cidr) : undefined;
  const pod = pods === undefined ? [] : [pods.first + (pods.last - pods.first > 0x1ffn ? 0x107n : 0n)];
  const outside =
    family === 'ipv4'
      ? ['198.51.100.23', '203.0.113.23', '10.1.2.3', '127.0.0.1']
      : ['2001:db8:ffff::23', 'fd99::23', '::1'];
  return [...pod, ...outside.flatMap((text) => parseIp(text) ?? []).map(ipToNumber)];
}

/** For messages. */
export function addressText(family: IpFamily, address: bigint): string {
  return ipFromNumber(family, address).text;
}
