import type { ConntrackMatch, MarkMatch } from '../../../ruleset/match.ts';
import type { NetworkMatch, PortMatch } from '../../../ruleset/rule-values.ts';
import { ask, negate, type Answer, type Scene } from '../answer.ts';
import type { Connection, Tuple } from '../course.ts';
import { PROTOCOL } from '../packet.ts';
import { matchesNetwork } from './addresses.ts';

/** Packets that conntrack does not follow have no connection: INVALID and UNTRACKED ones, and all before it has looked at them. */
export function hasConnection({ state, seen }: Connection): boolean {
  return seen && state !== 'INVALID' && state !== 'UNTRACKED';
}

/** What replies are expected to look like: the original turned round, with what NAT made of it. */
/** IPVS changes what conntrack expects as well (ip_vs_update_conntrack), and leaves its status as it is. */
function replyTuple({ original, destinationNat, sourceNat, ipvs }: Connection): Tuple {
  return {
    source: ipvs?.real.address ?? destinationNat?.address ?? original.destination,
    sourcePort: ipvs?.real.port ?? destinationNat?.port ?? original.destinationPort,
    destination: sourceNat?.address ?? original.source,
    destinationPort: sourceNat?.port ?? original.sourcePort,
  };
}

function statesOf(connection: Connection): readonly string[] {
  // To a match that finds no connection and no word that there will be none, the packet is INVALID (xt_conntrack.c).
  if (!hasConnection(connection)) return [connection.state === 'UNTRACKED' ? 'UNTRACKED' : 'INVALID'];
  const { state, original, destinationNat, sourceNat } = connection;
  const reply = replyTuple(connection);
  // The kernel sets these where a translation changes something.
  const changed = (a: Tuple['source'], b: Tuple['source'], portA?: number, portB?: number): boolean =>
    portA !== portB || (a === 'own' || b === 'own' ? a !== b : a.value !== b.value);
  const dnat =
    destinationNat !== undefined &&
    changed(
      destinationNat.address,
      original.destination,
      destinationNat.port ?? original.destinationPort,
      original.destinationPort,
    );
  const snat =
    sourceNat !== undefined && changed(reply.destination, original.source, reply.destinationPort, original.sourcePort);
  return [state, ...(dnat ? ['DNAT'] : []), ...(snat ? ['SNAT'] : [])];
}

/** In the order of conntrack_mt (xt_conntrack.c). */
export function matchesConntrack(match: ConntrackMatch, scene: Scene): Answer[] {
  const { connection, header } = scene.course;
  const answers: Answer[] = [];
  if (match.states !== undefined) {
    const states = statesOf(connection);
    answers.push(match.states.values.some((state) => states.includes(state)) !== match.states.negated);
  }
  // Without a connection only the state is asked for.
  if (!hasConnection(connection)) return [...answers, match.states !== undefined];
  if (match.direction !== undefined) answers.push(match.direction === connection.direction);
  const { protocol } = match;
  answers.push(...tupleAnswers(match, connection));
  if (protocol !== undefined) answers.push((protocol.number === header.protocol) !== protocol.negated);
  if (match.status !== undefined) answers.push(statusAnswer(match.status.values, match.status.negated, scene));
  if (match.expires !== undefined) {
    const { first, last, negated } = match.expires;
    const text = `${first}:${last}`;
    const yes = `the connection expires in ${text} seconds`;
    answers.push(
      ask({ kind: 'connection', key: `expires ${text}`, subject: 'conntrack', yes, no: `not: ${yes}` }, negated),
    );
  }
  return answers;
}

function tupleAnswers(match: ConntrackMatch, connection: Connection): Answer[] {
  const [original, reply] = [connection.original, replyTuple(connection)];
  const addresses: readonly (readonly [NetworkMatch | undefined, Tuple['source']])[] = [
    [match.originalSource, original.source],
    [match.originalDestination, original.destination],
    [match.replySource, reply.source],
    [match.replyDestination, reply.destination],
  ];
  const ports: readonly (readonly [PortMatch | undefined, number | undefined])[] = [
    [match.originalSourcePorts, original.sourcePort],
    [match.originalDestinationPorts, original.destinationPort],
    [match.replySourcePorts, reply.sourcePort],
    [match.replyDestinationPorts, reply.destinationPort],
  ];
  return [
    ...addresses.flatMap(([asked, address]) => (asked === undefined ? [] : [matchesNetwork(address, asked)])),
    ...ports.flatMap(([asked, port = 0]) =>
      asked === undefined ? [] : [(port >= asked.first && port <= asked.last) !== asked.negated],
    ),
  ];
}

/** NONE has no bit, so that it matches nothing. A connection is ASSURED once it has gone on for a while, which is not known. */
function statusAnswer(values: readonly string[], negated: boolean, scene: Scene): Answer {
  const { state, direction, confirmed } = scene.course.connection;
  const { protocol } = scene.course.header;
  const isReplied = state === 'ESTABLISHED' || direction === 'REPLY';
  const isExpected = state === 'RELATED' && protocol !== PROTOCOL.icmp && protocol !== PROTOCOL.icmp6;
  const has = values.some(
    (value) =>
      (value === 'CONFIRMED' && (confirmed || state !== 'NEW')) ||
      (value === 'SEEN_REPLY' && isReplied) ||
      (value === 'EXPECTED' && isExpected),
  );
  if (has || !values.includes('ASSURED') || state === 'NEW') return has !== negated;
  const question = {
    key: 'assured',
    subject: 'conntrack',
    yes: 'the connection is ASSURED',
    no: 'the connection is not ASSURED',
  };
  return negate(ask({ kind: 'connection', ...question }), negated);
}

export function matchesMark({ kind, value, mask, negated }: MarkMatch, scene: Scene): Answer[] {
  const { mark, connection } = scene.course;
  if (kind === 'mark') return [((mark & mask) >>> 0 === value) !== negated];
  // connmark_mt: without a connection it matches nothing, negated or not.
  return [hasConnection(connection) && ((connection.mark & mask) >>> 0 === value) !== negated];
}
