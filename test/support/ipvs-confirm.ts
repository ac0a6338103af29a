/** A second opinion on what verify says of nodes in ipvs mode: the tracer's, which shares no code with it. */
import { VirtualServerIndex } from '../../src/core/analyze/ipvs/virtual-server-index.ts';
import { readAddress, type KnownAddress } from '../../src/core/analyze/trace/address.ts';
import type { Assumptions } from '../../src/core/analyze/trace/assumptions.ts';
import { PROTOCOL, type TracePacket } from '../../src/core/analyze/trace/packet.ts';
import { trace } from '../../src/core/analyze/trace/trace.ts';
import type { Difference } from '../../src/core/analyze/verify/difference.ts';
import type { ExamplePacket } from '../../src/core/analyze/verify/example.ts';
import type { FamilyMeaning } from '../../src/core/compile/read-meaning.ts';
import { cidrContains, parseIp } from '../../src/core/model/ip.ts';
import { parseIpsetSave } from '../../src/core/parse/ipset-save/parse-ipset-save.ts';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { parseIpvsadm } from '../../src/core/parse/ipvsadm/parse-ipvsadm.ts';
import type { IpvsNode } from './ipvs-verify.ts';
import { outcomeWords, tracedPacket } from './traced-example.ts';
import { claimed, UNSEEN } from './verify-confirm.ts';

/** What a virtual server is, and not where one packet goes. */
const OF_SERVER: ReadonlySet<string> = new Set(['scheduler', 'affinity']);

type Tracer = (packet: TracePacket, answers: Assumptions) => readonly string[] | undefined;

export function ipvsTracer(node: IpvsNode, { family, localAddresses }: FamilyMeaning): Tracer {
  const { ruleset } = parseIptablesSave(node.rules, { family });
  const known = {
    sets: parseIpsetSave(node.sets).sets,
    ipvs: new VirtualServerIndex(parseIpvsadm(node.servers).table),
    localAddresses: localAddresses.flatMap(({ text }) => readAddress(text) ?? []),
  };
  return (packet, answers) => {
    const { outcomes } = trace(ruleset, packet, { ...known, ...answers });
    return outcomeWords(outcomes);
  };
}

/** What the example says of the node. */
function answersOf(packet: ExamplePacket): Assumptions {
  const local = new Map([
    [packet.source, packet.sourceIsLocal],
    [packet.destination, packet.destinationIsLocal],
  ]);
  const bridge = packet.conditions.find(
    ({ condition }) => condition.kind === 'state' && condition.text.includes('physdev'),
  );
  return {
    localAddresses: [],
    answer: ({ kind, subject }) => {
      if (kind === 'local') return local.get(subject) ?? packet.endpointIsLocal;
      // `! --physdev-is-in` holds where no bridge is crossed.
      if (kind === 'bridge') return bridge?.holds === false;
      return undefined;
    },
  };
}

/** True, what the tracer says instead, or undefined if it leaves something open. */
export function confirmIpvs(
  difference: Difference,
  changed: IpvsNode,
  right: IpvsNode,
  meaning: FamilyMeaning,
): string | boolean | undefined {
  const { packet, kind } = difference;
  if (OF_SERVER.has(kind))
    return changed.servers !== right.servers || `${kind}, and the virtual servers are the right ones`;
  if (packet.tracking !== 'NEW') return undefined;
  if (packet.conditions.some(({ condition }) => !(condition.kind === 'state' && condition.text.includes('physdev'))))
    return undefined;
  const asked = tracedPacket(packet);
  if (asked === undefined) return undefined;
  const now = ipvsTracer(changed, meaning)(asked, answersOf(packet));
  if (now === undefined) return undefined;
  const said = [...claimed(difference)].sort();
  if (now.join('\n') !== said.join('\n')) return `traced: ${now.join(', ')}; said: ${said.join(', ')}`;
  if (UNSEEN.has(kind)) return true;
  const before = ipvsTracer(right, meaning)(asked, answersOf(packet));
  return before?.join('\n') !== now.join('\n') || `by the right node too: ${now.join(', ')}`;
}

/** A packet that many rules, sets and virtual servers speak of. */
interface Tried {
  readonly packet: TracePacket;
  readonly text: string;
}

function* somePackets(
  nodes: readonly IpvsNode[],
  meaning: FamilyMeaning,
  count: number,
  seed: number,
): Generator<Tried> {
  const texts = nodes.flatMap(({ rules, sets, servers }) => [rules, sets, servers]).join('\n');
  const v4 = meaning.family === 'ipv4';
  const found = texts.match(v4 ? /\b\d+\.\d+\.\d+\.\d+\b/gu : /\b[0-9a-f]{2,4}:[0-9a-f:]+[0-9a-f]\b/gu) ?? [];
  const others = v4 ? ['198.51.100.99', '10.244.0.250', '127.0.0.5'] : ['2001:db8:ffff::99', 'fd00:10:244::fa'];
  const own = meaning.localAddresses.map(({ text }) => text);
  const addresses = [...new Set([...found, ...others, ...own])].flatMap((text) =>
    parseIp(text) === undefined ? [] : (readAddress(text) ?? []),
  );
  const usable = addresses.filter(
    ({ family, text }) => family === meaning.family && !text.endsWith('.0') && !text.endsWith('::'),
  );
  const ports = [...new Set([...texts.matchAll(/[:\s](\d{2,5})(?=[\s,\n])/gu)].map(([, port]) => Number(port)))].filter(
    (port) => port < 65_536,
  );
  const targets = targetsIn(texts, meaning);
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const any = <T>(items: readonly T[]): T | undefined => items[random(items.length)];
  for (let i = 0; i < count; i++) {
    // Two in three go to what virtual servers and sets name, some of them next to it.
    const target = random(3) === 0 ? undefined : any(targets);
    const [source, destination] = [any(usable), target?.address ?? any(usable)];
    if (source === undefined || destination === undefined) return;
    const isOwn = isNodes(source, nodes, meaning);
    const isNear = random(6) === 0;
    const protocol =
      (isNear ? undefined : target?.protocol) ?? any([PROTOCOL.tcp, PROTOCOL.udp, PROTOCOL.sctp]) ?? PROTOCOL.tcp;
    const port = (isNear ? undefined : target?.port) ?? any([...ports, 4444]) ?? 80;
    const inInterface = isOwn ? undefined : any(['eth0', 'cni0', 'veth7']);
    const packet: TracePacket = {
      origin: isOwn ? 'node' : 'network',
      source,
      destination,
      protocol,
      destinationPort: port,
      inInterface,
      outInterface: 'eth9',
    };
    yield { packet, text: `${protocol} ${source.text} -> ${destination.text}:${port} ${inInterface ?? 'node'}` };
  }
}

interface Target {
  readonly address: KnownAddress;
  readonly protocol: number;
  readonly port: number;
}

const OPTIONS: Readonly<Record<string, number>> = {
  '-t': PROTOCOL.tcp,
  '-u': PROTOCOL.udp,
  '--sctp-service': PROTOCOL.sctp,
  tcp: PROTOCOL.tcp,
  udp: PROTOCOL.udp,
  sctp: PROTOCOL.sctp,
};

/** Of `-A -t 10.0.0.1:80` and `add SET 10.0.0.1,tcp:80`; ports of the node at its addresses. */
function targetsIn(texts: string, { family, localAddresses }: FamilyMeaning): readonly Target[] {
  const servers = [...texts.matchAll(/^-A (-t|-u|--sctp-service) \[?([0-9a-f.:]+?)\]?:(\d+) /gmu)].map(
    ([, option = '', ip = '', port]) => ({ option, ip, port }),
  );
  const members = [...texts.matchAll(/^add \S+ ([0-9a-f.:]+),(tcp|udp|sctp):(\d+)/gmu)].map(
    ([, ip = '', option = '', port]) => ({ option, ip, port }),
  );
  const bits = [...texts.matchAll(/^add \S+ (\d+)$/gmu)].flatMap(([, port]) =>
    localAddresses.flatMap(({ text: ip }) => ['tcp', 'udp'].map((option) => ({ option, ip, port }))),
  );
  return [...servers, ...members, ...bits].flatMap(({ option, ip, port }) => {
    const [address, protocol] = [readAddress(ip), OPTIONS[option]];
    return address?.family !== family || protocol === undefined ? [] : [{ address, protocol, port: Number(port) }];
  });
}

/** kube-ipvs0 has what the virtual servers or KUBE-IPVS-IPS of either node have. */
function isNodes({ text }: KnownAddress, nodes: readonly IpvsNode[], { localAddresses }: FamilyMeaning): boolean {
  if (text.startsWith('127.') || text === '::1' || localAddresses.some((ip) => ip.text === text)) return true;
  const isThere = (line: string): boolean => line.split(/[\s[\]]+|:(?=\d+(?:\s|$))/u).includes(text);
  return nodes.some(({ sets, servers }) =>
    [
      ...sets.split('\n').filter((line) => /^add KUBE-(?:6-)?IPVS-IPS /u.test(line)),
      ...servers.split('\n').filter((line) => line.startsWith('-A ')),
    ].some(isThere),
  );
}

/** Where masquerading is neither asked for nor forbidden (`IpvsSpecification`), and packets that cannot be. */
function isFree({ packet }: Tried, { settings, table }: FamilyMeaning, isOwn: boolean): boolean {
  const { source, destinationPort } = packet;
  if (source === 'own' || source.text.startsWith('127.') || source.text === '::1') return true;
  if (source.text === packet.destination.text && !isOwn) return true;
  if (table.servicePorts.some((port) => port.nodePort === destinationPort && !port.externalPolicyLocal)) return true;
  const ip = parseIp(source.text);
  const isPod =
    settings.localDetector.kind === 'source' && ip !== undefined && cidrContains(settings.localDetector.cidr, ip);
  return (
    !isPod &&
    settings.localDetector.kind === 'none' &&
    table.servicePorts.some(({ clusterIp }) => clusterIp.text === source.text)
  );
}

/** The first of some packets that two nodes treat differently, where only one way is right; `open` if the tracer follows too few. */
export function tracedDifference(
  right: IpvsNode,
  changed: IpvsNode,
  meaning: FamilyMeaning,
  { count, seed }: { readonly count: number; readonly seed: number },
): string | undefined {
  const [traceRight, traceChanged] = [ipvsTracer(right, meaning), ipvsTracer(changed, meaning)];
  for (const tried of somePackets([right, changed], meaning, count, seed)) {
    const isOwn = tried.packet.origin === 'node';
    const bare = (texts: readonly string[] | undefined): string | undefined => {
      const all = texts?.join(', ');
      return isFree(tried, meaning, isOwn) ? all?.replaceAll(' masqueraded', '') : all;
    };
    const [before, after] = [bare(traceRight(tried.packet, {})), bare(traceChanged(tried.packet, {}))];
    if (before === undefined || after === undefined || before === after) continue;
    return `${tried.text}: ${before} -> ${after}`;
  }
  return undefined;
}
