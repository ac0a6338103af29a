import type { IcmpMatch, MultiportMatch, SctpMatch, TcpMatch, UdpMatch } from '../../../ruleset/match.ts';
import type { NumberRange, PortMatch } from '../../../ruleset/rule-values.ts';
import { ask, negate, type Answer, type Scene } from '../answer.ts';
import { DEFAULT_SOURCE_PORT, hasPorts, PROTOCOL, type Header } from '../packet.ts';

function inRange(value: number, { first, last }: NumberRange): boolean {
  return value >= first && value <= last;
}

/** The client's port was not said and one was taken; an answer that hangs on it is an assumption. */
function isAssumed({ assumedSourcePort, course: { connection, header } }: Scene, side: Side): boolean {
  const clientSide = connection.direction === 'ORIGINAL' ? 'source' : 'destination';
  return assumedSourcePort && side === clientSide && portOf(header, side) === DEFAULT_SOURCE_PORT;
}

type Side = 'source' | 'destination';

function portOf(header: Header, side: Side): number {
  return (side === 'source' ? header.sourcePort : header.destinationPort) ?? 0;
}

function assumedAnswer(found: boolean, ranges: readonly NumberRange[]): Answer {
  const text = ranges.map(rangeText).join(',');
  const question = {
    key: `client-port ${text}`,
    subject: text,
    yes: `the client's port is in ${text}`,
    no: `the client's port is not in ${text}`,
  };
  return ask({ kind: 'client-port', ...question, likely: found });
}

function rangeText({ first, last }: NumberRange): string {
  return first === last ? String(first) : `${first}:${last}`;
}

function portAnswer(match: PortMatch, side: Side, scene: Scene): Answer {
  const found = inRange(portOf(scene.course.header, side), match);
  return negate(isAssumed(scene, side) ? assumedAnswer(found, [match]) : found, match.negated);
}

function portsAnswers(match: TcpMatch | UdpMatch | SctpMatch, protocol: number, scene: Scene): Answer[] {
  const { header } = scene.course;
  // Later fragments have no ports, and xt_tcpudp.c and xt_sctp.c match none of them.
  if (header.protocol !== protocol || header.fragment) return [false];
  const answers: Answer[] = [];
  const { sourcePorts, destinationPorts } = match;
  if (sourcePorts !== undefined) answers.push(portAnswer(sourcePorts, 'source', scene));
  if (destinationPorts !== undefined) answers.push(portAnswer(destinationPorts, 'destination', scene));
  return answers;
}

function flagsAnswer({ tcpFlags }: Header, flags: NonNullable<TcpMatch['flags']>): Answer {
  if (tcpFlags !== undefined) return ((tcpFlags & flags.mask) === flags.set) !== flags.negated;
  const key = `tcp-flags ${flags.mask} ${flags.set}`;
  const what = 'has the TCP flags of the rule';
  return ask(
    { kind: 'match', key, subject: 'tcp', yes: `the packet ${what}`, no: `no packet that ${what}` },
    flags.negated,
  );
}

export function matchesTcp(match: TcpMatch, scene: Scene): Answer[] {
  const answers = portsAnswers(match, PROTOCOL.tcp, scene);
  const { flags, option } = match;
  if (flags !== undefined) answers.push(flagsAnswer(scene.course.header, flags));
  if (option !== undefined) {
    const text = `TCP option ${option.value}`;
    const question = {
      key: `tcp-option ${option.value}`,
      subject: 'tcp',
      yes: `it has the ${text}`,
      no: `it has no ${text}`,
    };
    answers.push(ask({ kind: 'match', ...question }, option.negated));
  }
  return answers;
}

export function matchesUdp(match: UdpMatch, scene: Scene): Answer[] {
  return portsAnswers(match, PROTOCOL.udp, scene);
}

/** A new association begins with one INIT chunk, which INIT_ACK answers (RFC 9260); what follows may hold anything. */
function chunksOf(scene: Scene): readonly string[] | undefined {
  const { state, direction, confirmed } = scene.course.connection;
  if (state === 'NEW') return ['INIT'];
  return direction === 'REPLY' && !confirmed ? ['INIT_ACK'] : undefined;
}

/** `any`, `all` or `only` these chunks (xt_sctp.c). */
export function matchesSctp(match: SctpMatch, scene: Scene): Answer[] {
  const answers = portsAnswers(match, PROTOCOL.sctp, scene);
  const { chunks } = match;
  if (chunks === undefined) return answers;
  const [mode = '', list = ''] = chunks.value.split(' ');
  const names = list.split(',');
  const present = chunksOf(scene);
  if (present === undefined || names.some((name) => name.includes(':'))) {
    const yes = `it has the chunks ${chunks.value}`;
    const question = { key: `sctp ${chunks.value}`, subject: 'sctp', yes, no: `it has not the chunks ${chunks.value}` };
    return [...answers, ask({ kind: 'match', ...question }, chunks.negated)];
  }
  const any = present.some((chunk) => names.includes(chunk));
  const all = names.every((name) => present.includes(name));
  const only = present.every((chunk) => names.includes(chunk));
  const found = list === 'ALL' ? mode !== 'all' : mode === 'any' ? any : mode === 'all' ? all : only;
  return [...answers, found !== chunks.negated];
}

export function matchesMultiport({ of, ports, negated }: MultiportMatch, scene: Scene): Answer[] {
  const { header } = scene.course;
  if (!hasPorts(header.protocol) || header.fragment) return [false];
  const sides: readonly Side[] = of === 'either' ? ['source', 'destination'] : [of];
  const found = (side: Side): boolean => ports.some((range) => inRange(portOf(header, side), range));
  const [certain, assumed] = [
    sides.filter((side) => !isAssumed(scene, side)),
    sides.filter((side) => isAssumed(scene, side)),
  ];
  if (certain.some(found)) return [!negated];
  return [negate(assumed.length === 0 ? false : assumedAnswer(assumed.some(found), ports), negated)];
}

/** Type 255 of IPv4 with all codes is any (xt_icmp): even negated, it is compared first. */
export function matchesIcmp(match: IcmpMatch, scene: Scene): Answer[] {
  const { protocol, icmp, fragment } = scene.course.header;
  const own = match.kind === 'icmp' ? PROTOCOL.icmp : PROTOCOL.icmp6;
  if (protocol !== own || fragment) return [false];
  if (icmp === undefined) {
    const question = {
      key: `icmp ${match.type}`,
      subject: match.kind,
      yes: 'it has that ICMP type',
      no: 'it has another ICMP type',
    };
    return [ask({ kind: 'match', ...question }, match.negated)];
  }
  const found = match.type === undefined || (icmp.type === match.type && inRange(icmp.code, match.codes));
  return [negate(found, match.negated)];
}
