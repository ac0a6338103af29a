/** Second opinions on what verify says: the golden tests' packet walker, which shares no code with it. */
import type { Difference } from '../../src/core/analyze/verify/difference.ts';
import type { FamilyMeaning } from '../../src/core/compile/read-meaning.ts';
import { namedIn } from './mutations.ts';
import { isLocalAddress, isLoopbackAddress, splitEndpoint } from './packet-addresses.ts';
import { packetWalker, type Outcome, type Packet, type WalkedNode } from './packet-walker.ts';

const PROTOCOLS: Readonly<Record<number, Packet['protocol']>> = { 6: 'tcp', 17: 'udp', 132: 'sctp' };

interface Walked {
  readonly packet: Packet;
  readonly node: WalkedNode;
}

/** The example of a difference as the walker takes it; undefined if it cannot. */
function walkable(difference: Difference, text: string): Walked | undefined {
  const { packet } = difference;
  const protocol = PROTOCOLS[packet.protocol];
  if (protocol === undefined || packet.destinationPort === undefined || packet.tracking !== 'NEW' || packet.mark !== 0)
    return undefined;
  // To the walker, what comes from an address of the node is made by the node.
  if ((packet.inInterface === undefined) !== packet.sourceIsLocal) return undefined;
  // The walker does not tell for how long a client is remembered.
  const asked = packet.conditions.flatMap(({ condition }) => (condition.kind === 'recent' ? [condition.list] : []));
  if (new Set(asked).size < asked.length) return undefined;
  const lists = packet.conditions.flatMap(({ condition, holds }) =>
    condition.kind === 'recent' && holds ? [condition.list] : [],
  );
  if (lists.length > 1 || packet.conditions.some(({ condition }) => condition.kind !== 'recent')) return undefined;
  const remembered = lists.map(
    (list) => new RegExp(`--set --name ${list} .*--to-destination (\\S+)`, 'u').exec(text)?.[1],
  );
  const endpoints = packet.endpointIsLocal
    ? difference.actual.flatMap(({ endpoint }) => (endpoint === undefined ? [] : [splitEndpoint(endpoint).address]))
    : [];
  const localAddresses = [
    ...(packet.sourceIsLocal ? [packet.source] : []),
    ...(packet.destinationIsLocal ? [packet.destination] : []),
    ...endpoints,
  ];
  return {
    packet: {
      source: packet.source,
      destination: packet.destination,
      protocol,
      port: packet.destinationPort,
      inInterface: packet.inInterface ?? '',
    },
    node: { localAddresses, remembered: remembered[0] },
  };
}

function described(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes.map(({ verdict, share }) => {
    const chance = Number(share.units) / 2 ** share.bits;
    const masquerade = 'masquerade' in verdict && verdict.masquerade ? ' masqueraded' : '';
    return `${verdict.kind === 'endpoint' ? verdict.endpoint : verdict.kind}${masquerade} ${chance.toFixed(8)}`;
  });
}

/** `10.0.0.1:80 masqueraded 0.33333333`, `untouched 1.00000000`: what a difference says that happens. */
export function claimed({ actual }: Difference): readonly string[] {
  const chances = new Map<string, number>();
  for (const { verdict, endpoint, source, chance } of actual) {
    const masquerade = source === undefined ? '' : ' masqueraded';
    const what = verdict === 'accept' ? `${endpoint ?? 'untouched'}${masquerade}` : (verdict.split(' ')[0] ?? '');
    chances.set(what, (chances.get(what) ?? 0) + chance);
  }
  return [...chances].map(([what, chance]) => `${what} ${chance.toFixed(8)}`);
}

/** What cannot be seen by where a single first packet goes. */
export const UNSEEN: ReadonlySet<string> = new Set([
  'mark-left',
  'foreign-mark-bits',
  'affinity',
  'existing-connections',
  'untracked-packets',
]);

/**
 * Whether the walker agrees: the example goes where the difference says, and where it does not go by the right rules. In words if not;
 * undefined if the walker cannot say.
 */
export function confirmByWalker(difference: Difference, text: string, right: string): string | boolean | undefined {
  const given = walkable(difference, text);
  if (given === undefined) return undefined;
  const { packet, node } = given;
  const now = described(packetWalker(text)(packet, node)).toSorted();
  const said = claimed(difference).toSorted();
  if (now.join('\n') !== said.join('\n')) return `walked: ${now.join(', ')}; said: ${said.join(', ')}`;
  if (UNSEEN.has(difference.kind)) return true;
  const before = described(packetWalker(right)(packet, node));
  return before.toSorted().join('\n') !== now.join('\n') || `the right rules do the same: ${now.join(', ')}`;
}

/** Packets of all kinds that rules name: from and to each address, next to each port, by every interface; so many of them. */
export function someRepresentatives(
  texts: readonly string[],
  meaning: FamilyMeaning,
  count: number,
  seed: number,
): readonly Walked[] {
  const named = texts.map(namedIn);
  const v4 = meaning.family === 'ipv4';
  const unknown = v4 ? '198.51.100.99' : '2001:db8:ffff::99';
  const own = meaning.localAddresses.map(({ text }) => text);
  const others = v4 ? [unknown, '10.244.0.250', '127.0.0.5'] : [unknown, 'fd00:10:244::fa'];
  const addresses = [...new Set([...named.flatMap((n) => n.addresses), ...own, ...others])].filter(
    (a) => !a.endsWith('.0') && !a.endsWith('::'),
  );
  const ports = [...new Set([...named.flatMap((n) => n.ports), 4444])];
  const endpoints = texts.flatMap((text) =>
    [...text.matchAll(/--set --name .*--to-destination (\S+)/gu)].map((f) => f[1]),
  );
  const remembered = [undefined, undefined, ...new Set(endpoints)];
  let state = seed;
  // Knuth's constants; the high bits are the better ones.
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const any = <T>(items: readonly T[]): T | undefined => items[random(items.length)];
  return Array.from({ length: count }, (): Walked => {
    const [source = '', destination = ''] = [any(addresses), any(addresses)];
    // An address that nobody knows may be the node's.
    const localAddresses = random(4) === 0 ? [...own, unknown] : own;
    const isLocal = isLocalAddress(source, localAddresses);
    const protocol = any(['tcp', 'udp', 'sctp'] as const) ?? 'tcp';
    const inInterface = isLocal ? '' : (any(['eth0', 'cni0', 'veth7']) ?? '');
    return {
      packet: { source, destination, protocol, port: any(ports) ?? 0, inInterface },
      node: { localAddresses, remembered: any(remembered) },
    };
  });
}

/**
 * Where kube-proxy's own rules go further than they must, or not as far as they could: both ways are right. What the node sends to an
 * external IP without endpoints passes, but by lo; nodePorts without endpoints are refused on addresses where nodePorts do not answer;
 * the node itself may use 127.0.0.0/8 from any address, and what comes there from the network needs a guard only with localhost nodePorts.
 */
function isFree({ packet, node }: Walked, { settings, table }: FamilyMeaning): boolean {
  const local = isLocalAddress(packet.destination, node.localAddresses);
  const loopback = isLoopbackAddress(packet.destination);
  const fromNode = isLocalAddress(packet.source, node.localAddresses);
  if (loopback && (fromNode || !settings.localhostNodePorts)) return true;
  const { nodePortAddresses } = settings;
  const answers =
    nodePortAddresses.kind === 'all-local' || nodePortAddresses.ips.some(({ text }) => text === packet.destination);
  const isNodePort = table.servicePorts.some(
    (p) => p.nodePort === packet.port && p.protocol.toLowerCase() === packet.protocol,
  );
  if (local && isNodePort && !answers) return true;
  const external = table.servicePorts.some((p) =>
    [...p.externalIps, ...p.loadBalancerIps].some(({ text }) => text === packet.destination && p.port === packet.port),
  );
  return fromNode && !local && external;
}

/** The first of some packets that two rule sets treat differently, where only one way is right. */
export function walkedDifference(
  right: string,
  changed: string,
  packets: Iterable<Walked>,
  meaning: FamilyMeaning,
): string | undefined {
  const [walkRight, walkChanged] = [packetWalker(right), packetWalker(changed)];
  for (const walked of packets) {
    const { packet, node } = walked;
    const before = described(walkRight(packet, node)).toSorted().join(', ');
    const after = described(walkChanged(packet, node)).toSorted().join(', ');
    const refused = (text: string): boolean => /^(?:drop|reject) /u.test(text);
    if (before === after || ((refused(before) || refused(after)) && isFree(walked, meaning))) continue;
    return `${JSON.stringify(packet)} ${JSON.stringify(node)}: ${before} -> ${after}`;
  }
  return undefined;
}
