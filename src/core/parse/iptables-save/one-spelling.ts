import type { Match, TcpMatch } from '../../ruleset/match.ts';
import type { PortMatch } from '../../ruleset/rule-values.ts';

const LAST_PORT = 65_535;

/** Ports that a "not" leaves over are a range if they are on one side: iptables-nft prints `! --dport 0:80` as `--dport 81:65535`. */
function withoutNot(ports: PortMatch | undefined): PortMatch | undefined {
  if (ports?.negated !== true) return ports;
  const { first, last } = ports;
  if (first === 0 && last < LAST_PORT) return { negated: false, first: last + 1, last: LAST_PORT };
  if (first > 0 && last === LAST_PORT) return { negated: false, first: 0, last: first - 1 };
  return ports;
}

/** None of no flags set is no condition. */
function limitingFlags(flags: TcpMatch['flags']): TcpMatch['flags'] {
  return flags?.mask === 0 && flags.set === 0 && !flags.negated ? undefined : flags;
}

/** Where iptables-save keeps, or its variants print, two spellings of one condition: always the same one of them. */
export function oneSpelling(match: Match): Match {
  if (match.kind === 'conntrack') return { ...match, spelling: 'conntrack' };
  if (match.kind !== 'tcp' && match.kind !== 'udp' && match.kind !== 'sctp') return match;
  const sourcePorts = withoutNot(match.sourcePorts);
  const destinationPorts = withoutNot(match.destinationPorts);
  return match.kind === 'tcp'
    ? { ...match, sourcePorts, destinationPorts, flags: limitingFlags(match.flags) }
    : { ...match, sourcePorts, destinationPorts };
}
