import type { AddrtypeMatch, Match } from '../../ruleset/match.ts';
import type { IpNetwork, NumberRange, PortMatch } from '../../ruleset/rule-values.ts';
import type { Rule } from '../../ruleset/rule.ts';
import { isLoopback, protocolOf, type Frontend } from './frontend.ts';

/** Whether a rule matches the first packet of a connection to a frontend: all of them, none, or those from some clients. */
export type Answer = 'yes' | 'no' | 'maybe';

/**
 * @param local whether the packet has passed a rule that lets only packets for the node's own addresses through
 */
export function matchFrontend(rule: Rule, frontend: Frontend, local: boolean): Answer {
  return all([
    () => protocolAnswer(rule, frontend),
    () => destinationAnswer(rule, frontend, local),
    () => ((rule.source ?? rule.inInterface ?? rule.outInterface ?? rule.fragment) === undefined ? 'yes' : 'maybe'),
    ...rule.matches.map((match) => () => matchAnswer(match, frontend)),
    () => (rule.leftover.length === 0 ? 'yes' : 'maybe'),
  ]);
}

/** Whether a rule is for the node's own addresses alone. */
export function asksForLocal({ matches }: Rule): boolean {
  return matches.some(
    (match) => match.kind === 'addrtype' && match.destination?.negated === false && isLocal(match.destination.values),
  );
}

function isLocal(types: readonly string[]): boolean {
  return types.includes('LOCAL');
}

function all(questions: readonly (() => Answer)[]): Answer {
  let sum: Answer = 'yes';
  for (const ask of questions) {
    const answer = ask();
    if (answer === 'no') return 'no';
    if (answer === 'maybe') sum = 'maybe';
  }
  return sum;
}

function not(answer: Answer, negated: boolean): Answer {
  if (!negated || answer === 'maybe') return answer;
  return answer === 'yes' ? 'no' : 'yes';
}

function protocolAnswer({ protocol }: Rule, frontend: Frontend): Answer {
  if (protocol === undefined) return 'yes';
  return not(protocol.number === frontend.protocol ? 'yes' : 'no', protocol.negated);
}

function destinationAnswer({ destination, ...rule }: Rule, { host }: Frontend, local: boolean): Answer {
  if (destination === undefined) return 'yes';
  const { network, negated } = destination;
  if (network === undefined) return 'maybe';
  if (host !== undefined) return not(networkAnswer(network, host), negated);
  // A nodePort on any address of the node: which those are, the rules do not say.
  if (negated) return 'maybe';
  return canBeLocal({ ...rule, destination }, network, local) ? 'maybe' : 'no';
}

/** Whether a rule for the destination `network` may be for the node's own addresses. @param local as in `matchFrontend` */
export function canBeLocal(rule: Rule, network: IpNetwork, local: boolean): boolean {
  return local || isLoopback(network) || asksForLocal(rule);
}

/** Whether `inner` is in `outer`: the destination of a frontend is one host. */
function networkAnswer(outer: IpNetwork, inner: IpNetwork): Answer {
  if (outer.family !== inner.family) return 'no';
  if ((inner.base & outer.mask & inner.mask) !== (outer.base & inner.mask)) return 'no';
  return (outer.mask & ~inner.mask) === 0n ? 'yes' : 'maybe';
}

function matchAnswer(match: Match, frontend: Frontend): Answer {
  switch (match.kind) {
    case 'comment':
      return 'yes';
    case 'tcp':
    case 'udp':
    case 'sctp':
      return portsAnswer(match, frontend);
    case 'multiport':
      return multiportAnswer(match, frontend);
    case 'addrtype':
      return addrtypeAnswer(match, frontend);
    case 'conntrack':
      // Only the first packet of a connection comes to nat.
      return match.states !== undefined && not(firstPacketState(match.states.values), match.states.negated) === 'no'
        ? 'no'
        : 'maybe';
    case 'icmp':
    case 'icmp6':
      return 'no';
    case 'mark':
    case 'connmark':
    case 'statistic-random':
    case 'statistic-nth':
    case 'recent':
    case 'set':
    case 'physdev':
    case 'nfacct':
    case 'ipvs':
    case 'limit':
    case 'opaque':
      return 'maybe';
  }
}

function firstPacketState(states: readonly string[]): Answer {
  if (states.includes('NEW')) return 'yes';
  return states.includes('RELATED') || states.includes('UNTRACKED') ? 'maybe' : 'no';
}

function portsAnswer(match: Extract<Match, { kind: 'tcp' | 'udp' | 'sctp' }>, frontend: Frontend): Answer {
  if (protocolOf(match.kind) !== frontend.protocol) return 'no';
  const destination = portAnswer(match.destinationPorts, frontend.port);
  if (destination === 'no') return 'no';
  const others =
    match.sourcePorts ??
    (match.kind === 'tcp' ? (match.flags ?? match.option) : undefined) ??
    (match.kind === 'sctp' ? match.chunks : undefined);
  return others === undefined ? 'yes' : 'maybe';
}

function portAnswer(ports: PortMatch | undefined, port: number): Answer {
  return ports === undefined ? 'yes' : not(isIn(ports, port) ? 'yes' : 'no', ports.negated);
}

function isIn({ first, last }: NumberRange, port: number): boolean {
  return first <= port && port <= last;
}

function multiportAnswer(match: Extract<Match, { kind: 'multiport' }>, { port }: Frontend): Answer {
  const among = match.ports.some((range) => isIn(range, port));
  if (match.of === 'destination') return not(among ? 'yes' : 'no', match.negated);
  if (match.of === 'either' && among) return match.negated ? 'no' : 'yes';
  return 'maybe';
}

function addrtypeAnswer({ source, destination, limitInterface }: AddrtypeMatch, { local }: Frontend): Answer {
  const sure: Answer = source === undefined && limitInterface === undefined ? 'yes' : 'maybe';
  if (destination === undefined) return sure;
  const answer = not(typeAnswer(destination.values, local), destination.negated);
  return answer === 'yes' ? sure : answer;
}

function typeAnswer(types: readonly string[], local: Frontend['local']): Answer {
  if (isLocal(types)) return local === 'no' && types.includes('UNICAST') ? 'yes' : local;
  if (!types.includes('UNICAST')) return 'no';
  return local === 'yes' ? 'no' : local === 'no' ? 'yes' : 'maybe';
}
