// What can be said of one rule by itself.
import { decides } from '../../ruleset/deciding-target.ts';
import type { ConntrackMatch, Match } from '../../ruleset/match.ts';
import type { IpNetwork, NumberRange } from '../../ruleset/rule-values.ts';
import type { Rule } from '../../ruleset/rule.ts';
import type { Target } from '../../ruleset/target.ts';

/** Whether it matches every packet. */
export function isUnconditional(rule: Rule): boolean {
  return (
    rule.source === undefined &&
    rule.destination === undefined &&
    rule.inInterface === undefined &&
    rule.outInterface === undefined &&
    (rule.protocol === undefined || (rule.protocol.number === 0 && !rule.protocol.negated)) &&
    rule.fragment === undefined &&
    rule.leftover.length === 0 &&
    rule.matches.every((match) => ALWAYS[match.kind] === true)
  );
}

/** Matches that only say or count something. */
const ALWAYS: { readonly [K in Match['kind']]?: true } = { comment: true, nfacct: true };

/** All comments of the rule, with blanks between; empty where it has none. */
export function commentOf({ matches }: Rule): string {
  let text = '';
  for (const match of matches) {
    if (match.kind === 'comment') text = text === '' ? match.text : `${text} ${match.text}`;
  }
  return text;
}

/** The member of the union that has a kind, `mark` and `connmark` being one. */
type MatchOf<K extends Match['kind']> = Match extends infer M
  ? M extends { readonly kind: infer L }
    ? K extends L
      ? M
      : never
    : never
  : never;

/** The first match of that kind. */
export function matchOf<K extends Match['kind']>(rule: Rule, kind: K): MatchOf<K> | undefined {
  return rule.matches.find((match): match is MatchOf<K> & Match => match.kind === kind);
}

/** The chain that it leads to. */
export function jumpOf({ target }: Rule): string | undefined {
  return target.kind === 'jump' || target.kind === 'goto' ? target.chain : undefined;
}

/** The one address that it is for; undefined if it is for several or for all. */
export function destinationAddress({ destination }: Rule): string | undefined {
  return destination?.network === undefined || destination.negated ? undefined : hostText(destination.network);
}

export function sourceAddress({ source }: Rule): string | undefined {
  return source?.network === undefined || source.negated ? undefined : hostText(source.network);
}

function hostText({ family, prefix, text }: IpNetwork): string | undefined {
  const isHost = prefix === (family === 'ipv4' ? 32 : 128);
  return isHost ? text.slice(0, text.lastIndexOf('/')) : undefined;
}

/** The destination ports that it is for; undefined if it is for all, or does not say it in a plain way. */
export function destinationPorts({ matches }: Rule): readonly NumberRange[] | undefined {
  for (const match of matches) {
    if (match.kind === 'tcp' || match.kind === 'udp' || match.kind === 'sctp') {
      const ports = match.destinationPorts;
      if (ports !== undefined) return ports.negated ? undefined : [ports];
    } else if (match.kind === 'multiport' && match.of !== 'source') {
      return match.negated ? undefined : match.ports;
    }
  }
  return undefined;
}

/** The one destination port that it is for. */
export function destinationPort(rule: Rule): number | undefined {
  const [ports, more] = destinationPorts(rule) ?? [];
  return ports !== undefined && more === undefined && ports.first === ports.last ? ports.first : undefined;
}

/** The IANA number of the protocol that it is for; undefined: of all, or of all but one. */
export function protocolOf({ protocol }: Rule): number | undefined {
  return protocol === undefined || protocol.negated || protocol.number === 0 ? undefined : protocol.number;
}

/** Whether it is for the node's own addresses only. */
export function asksForLocal({ matches }: Rule): boolean {
  return matches.some(
    (match) => match.kind === 'addrtype' && match.destination?.negated === false && isOnlyLocal(match.destination),
  );
}

function isOnlyLocal({ values }: { readonly values: readonly string[] }): boolean {
  return values.length === 1 && values[0] === 'LOCAL';
}

export function statesOf(rule: Rule): ConntrackMatch['states'] {
  return matchOf(rule, 'conntrack')?.states;
}

/** Whether a packet that the rule matches never gets to the next rule of the chain, whatever chains it leads to do. */
export function endsChain(target: Target): boolean {
  return target.kind === 'return' || target.kind === 'goto' || decides(target);
}
