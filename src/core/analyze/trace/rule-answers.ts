import type { Match } from '../../ruleset/match.ts';
import type { Rule } from '../../ruleset/rule.ts';
import { printMatch } from '../../ruleset/print-match.ts';
import { negate, type Answer, type Scene } from './answer.ts';
import { matchesAddressType } from './matches/address-type.ts';
import { matchesNetwork } from './matches/addresses.ts';
import { matchesConntrack, matchesMark } from './matches/connection.ts';
import { matchesIpvs } from './matches/ipvs.ts';
import { matchesInterface } from './matches/interfaces.ts';
import { matchesLimit, matchesPhysdev, matchesRecent, matchesSet } from './matches/lists.ts';
import { matchesOpaque } from './matches/opaque.ts';
import { matchesIcmp, matchesMultiport, matchesSctp, matchesTcp, matchesUdp } from './matches/transport.ts';
import { oneOutOf, shareOfThreshold } from './share.ts';

/**
 * What stands before the matches of a rule (ip_packet_match in ip_tables.c): the answers that are not simply yes, or false as soon as one is
 * no. None of them has effects, so that their order is free.
 */
export function headAnswers(rule: Rule, scene: Scene): readonly Answer[] | false {
  const { header } = scene.course;
  const { protocol, destination, source, inInterface, outInterface, fragment } = rule;
  if (protocol !== undefined && (protocol.number === header.protocol) === protocol.negated) return false;
  if (fragment !== undefined && header.fragment === fragment.negated) return false;
  const open: Answer[] = [];
  const holds = (answer: Answer): boolean => {
    if (typeof answer !== 'boolean') open.push(answer);
    return answer !== false;
  };
  if (destination !== undefined && !holds(matchesNetwork(header.destination, destination))) return false;
  if (source !== undefined && !holds(matchesNetwork(header.source, source))) return false;
  if (inInterface !== undefined && !holds(matchesInterface(scene.inInterface, inInterface, 'in'))) return false;
  if (outInterface !== undefined && !holds(matchesInterface(scene.outInterface, outInterface, 'out'))) return false;
  return open;
}

/** In the kernel's order; each is asked only if all before it have said yes. */
export function matchAnswers(match: Match, scene: Scene): Answer[] {
  switch (match.kind) {
    case 'comment':
    case 'nfacct':
      return [];
    case 'tcp':
      return matchesTcp(match, scene);
    case 'udp':
      return matchesUdp(match, scene);
    case 'sctp':
      return matchesSctp(match, scene);
    case 'multiport':
      return matchesMultiport(match, scene);
    case 'icmp':
    case 'icmp6':
      return matchesIcmp(match, scene);
    case 'mark':
    case 'connmark':
      return matchesMark(match, scene);
    case 'conntrack':
      return matchesConntrack(match, scene);
    case 'addrtype':
      return matchesAddressType(match, scene);
    case 'statistic-random':
      return [negate({ kind: 'chance', share: shareOfThreshold(match.threshold) }, match.negated)];
    case 'statistic-nth':
      return [negate({ kind: 'chance', share: oneOutOf(match.every) }, match.negated)];
    case 'recent':
      return matchesRecent(match, scene);
    case 'set':
      return matchesSet(match, scene);
    case 'physdev':
      return matchesPhysdev(match);
    case 'ipvs':
      return matchesIpvs(match, printMatch(match), scene);
    case 'limit':
      return matchesLimit(match);
    case 'opaque':
      return matchesOpaque(match, scene);
  }
}
