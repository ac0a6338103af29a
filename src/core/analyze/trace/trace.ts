import { rulesetSource, type RuleSource } from '../../ruleset/rule-source.ts';
import type { Ruleset } from '../../ruleset/ruleset.ts';
import { Asker, type Assumptions, type MadeAssumption } from './assumptions.ts';
import type { Connection, Course } from './course.ts';
import { outcomesOf, type TraceOutcome } from './outcomes.ts';
import { DEFAULT_SOURCE_PORT, hasPorts, PROTOCOL, TCP, type Header, type TracePacket } from './packet.ts';
import { passHooks, type Arrived, type Way } from './pass-hooks.ts';
import type { Question } from './question.ts';
import { ChainRunner } from './run-chain.ts';
import { CERTAIN } from './weight.ts';

/** All that can become of a packet. */
export interface Trace {
  readonly packet: TracePacket;
  /** For each set of answers to the open questions, the shares add up to exactly 1. The likeliest first. */
  readonly outcomes: readonly TraceOutcome[];
  /** In the order in which they were needed. */
  readonly assumptions: readonly MadeAssumption[];
  /** What the outcomes' conditions are about. */
  readonly open: readonly Question[];
  /** The rules call one another so often that it was given up: some outcomes are unknown only for that. */
  readonly gaveUp: boolean;
}

/**
 * Follows a packet through the rules of a node, through all hooks in the kernel's order, to all outcomes that are possible and the exact
 * probability of each. Total: whatever the rules are, it ends.
 */
export function trace(rules: Ruleset | RuleSource, packet: TracePacket, assumptions: Assumptions = {}): Trace {
  const runner = new ChainRunner('layout' in rules ? rulesetSource(rules) : rules, new Asker(assumptions));
  const way = wayOf(runner, packet);
  const { state = 'NEW' } = packet;
  const first = state === 'ESTABLISHED' ? 'NEW' : state;
  let arrived = passHooks(way, startOf(packet, first));
  if (state === 'ESTABLISHED') arrived = laterPackets(way, packet, arrived);
  return traceOf(runner, packet, arrived);
}

/** The same for the reply to the packet: once for each way that the packet may have gone. Outcomes of packets that got no reply are left out. */
export function traceReply(rules: Ruleset | RuleSource, packet: TracePacket, assumptions: Assumptions = {}): Trace {
  const runner = new ChainRunner('layout' in rules ? rulesetSource(rules) : rules, new Asker(assumptions));
  const way = wayOf(runner, packet);
  const arrived = passHooks(way, startOf({ ...packet, state: 'NEW' }, 'NEW'));
  const replies = arrived.flatMap((one) =>
    one.end === 'local' || one.end === 'away' ? replyTo(way, packet, one) : [],
  );
  return traceOf(runner, packet, replies);
}

function traceOf(runner: ChainRunner, packet: TracePacket, arrived: readonly Arrived[]): Trace {
  const outcomes = outcomesOf(arrived);
  return { packet, outcomes, assumptions: runner.asker.made, open: runner.asker.open, gaveUp: runner.gaveUp };
}

function wayOf(runner: ChainRunner, { origin, inInterface, outInterface, sourcePort, protocol }: TracePacket): Way {
  const assumedSourcePort = sourcePort === undefined && hasPorts(protocol);
  return { runner, origin, inInterface, outInterface, assumedSourcePort };
}

function headerOf(packet: TracePacket, state: Connection['state']): Header {
  const { destination, source, protocol, fragment = false, tcpFlags } = packet;
  const ported = hasPorts(protocol);
  const ping = protocol === PROTOCOL.icmp ? 8 : protocol === PROTOCOL.icmp6 ? 128 : undefined;
  const flags = state === 'NEW' ? TCP.syn : state === 'ESTABLISHED' ? TCP.ack : undefined;
  return {
    family: destination.family,
    protocol,
    source,
    destination,
    sourcePort: ported ? (packet.sourcePort ?? DEFAULT_SOURCE_PORT) : undefined,
    destinationPort: ported ? (packet.destinationPort ?? 0) : undefined,
    icmp: packet.icmp ?? (ping === undefined ? undefined : { type: ping, code: 0 }),
    tcpFlags: protocol === PROTOCOL.tcp ? (tcpFlags ?? flags) : undefined,
    fragment,
  };
}

function startOf(packet: TracePacket, state: Connection['state']): Course {
  const header = headerOf(packet, state);
  const { source, destination, sourcePort, destinationPort } = header;
  return {
    weight: CERTAIN,
    header,
    mark: (packet.mark ?? 0) >>> 0,
    connection: { ...freshConnection(state), original: { source, destination, sourcePort, destinationPort } },
    path: undefined,
    cost: 0,
    ways: 1,
    facts: {},
    handled: false,
    leavesLoopback: false,
  };
}

function freshConnection(state: Connection['state']): Omit<Connection, 'original'> {
  return {
    state,
    seen: false,
    direction: 'ORIGINAL',
    mark: 0,
    destinationNat: undefined,
    sourceNat: undefined,
    destinationDone: false,
    sourceDone: false,
    ipvs: undefined,
    confirmed: false,
  };
}

/**
 * Later packets of the same direction: the rules of nat are not asked again, the first packet's translation is. If no first packet gets
 * through these rules, the connection is taken to be older than they are, and not translated.
 */
function laterPackets(way: Way, packet: TracePacket, arrived: readonly Arrived[]): readonly Arrived[] {
  const start = startOf(packet, 'ESTABLISHED');
  const through = arrived.filter(({ end }) => end === 'local' || end === 'away');
  if (through.length === 0) return passHooks(way, { ...start, connection: { ...start.connection, confirmed: true } });
  return through.flatMap(({ course }) => {
    const { weight, facts, connection } = course;
    const known: Connection = { ...connection, state: 'ESTABLISHED', seen: false, confirmed: true };
    return passHooks(way, { ...start, weight, facts, connection: isFollowed(course) ? known : start.connection });
  });
}

/** conntrack keeps nothing of a packet that it was told not to follow, or could make nothing of. */
function isFollowed({ connection: { state } }: Course): boolean {
  return state !== 'UNTRACKED' && state !== 'INVALID';
}

/** The first answer to a packet that arrived: it comes from where the packet went, by the interface where the packet left. */
function replyTo(way: Way, packet: TracePacket, first: Arrived): readonly Arrived[] {
  const { course, end } = first;
  const { weight, ways, facts } = course;
  const header = replyHeader(course.header);
  const connection = replyConnection(course, header);
  const fresh = { mark: 0, path: undefined, cost: 0, handled: false, leavesLoopback: false } as const;
  const reply: Course = { ...fresh, weight, header, connection, ways, facts };
  const back: Way = {
    ...way,
    origin: end === 'local' ? 'node' : 'network',
    inInterface: packet.outInterface,
    outInterface: packet.origin === 'node' ? undefined : packet.inInterface,
  };
  return passHooks(back, reply).map((arrived) => ({ ...arrived, first }));
}

function replyHeader(header: Header): Header {
  const { source, destination, sourcePort, destinationPort, icmp, protocol } = header;
  // RFC 792, 4443: the answer to an echo request.
  const echo = icmp?.type === 8 ? 0 : icmp?.type === 128 ? 129 : undefined;
  return {
    ...header,
    source: destination,
    sourcePort: destinationPort,
    destination: source,
    destinationPort: sourcePort,
    icmp: echo === undefined ? icmp : { type: echo, code: 0 },
    tcpFlags: protocol === PROTOCOL.tcp ? TCP.syn | TCP.ack : undefined,
  };
}

/** To a connection that conntrack does not know, a datagram is the first packet of another; what only answers something is INVALID. */
function replyConnection(
  { connection }: Course,
  { source, destination, sourcePort, destinationPort, protocol }: Header,
): Connection {
  if (connection.state !== 'UNTRACKED' && connection.state !== 'INVALID') {
    return { ...connection, state: 'ESTABLISHED', seen: false, direction: 'REPLY', confirmed: true };
  }
  const isDatagram = protocol === PROTOCOL.udp || protocol === PROTOCOL.udplite;
  return {
    ...freshConnection(isDatagram ? 'NEW' : 'INVALID'),
    original: { source, destination, sourcePort, destinationPort },
  };
}
