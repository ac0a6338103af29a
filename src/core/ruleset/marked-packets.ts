import { parseNetwork } from './ip-network.ts';
import type { Match } from './match.ts';
import type { IpNetwork } from './rule-values.ts';
import type { Rule } from './rule.ts';

/**
 * Whether packets to endpoints that have these bits in their mark can match a rule of nat. `unread` is the answer for conditions that are not
 * known in detail: such a one may be just what keeps marked packets out.
 */
export function matchesMarked({ leftover, destination, matches }: Rule, bits: number, unread: boolean): boolean {
  if (leftover.length > 0) return false;
  const network = destination?.negated === false ? destination.network : undefined;
  if (network !== undefined && NO_ENDPOINTS.some((nowhere) => isWithin(network, nowhere))) return false;
  return matches.every((match) => canHave(match, bits, unread));
}

/** Multicast and broadcast: libvirt and others return such packets first. */
const NO_ENDPOINTS = [parseNetwork('224.0.0.0/4'), parseNetwork('255.255.255.255/32'), parseNetwork('ff00::/8')];

function isWithin(inner: IpNetwork, outer: IpNetwork | undefined): boolean {
  return (
    outer?.family === inner.family &&
    (inner.base & outer.mask) === outer.base &&
    (inner.mask & outer.mask) === outer.mask
  );
}

function canHave(match: Match, bits: number, unread: boolean): boolean {
  if (match.kind === 'mark') {
    const known = (match.mask & bits) >>> 0;
    const value = (match.value & known) >>> 0;
    // What the other bits of the mark are, nobody knows.
    return match.negated ? match.mask >>> 0 !== known || value !== known : value === known;
  }
  if (match.kind === 'opaque' || match.kind === 'set') return unread;
  if (match.kind !== 'conntrack' || match.states === undefined) return true;
  // Only the first packet of a connection comes to nat.
  const { negated, values } = match.states;
  return negated ? !values.includes('NEW') : ['NEW', 'RELATED', 'UNTRACKED'].some((state) => values.includes(state));
}
