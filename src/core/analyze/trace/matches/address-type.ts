import type { AddrtypeMatch } from '../../../ruleset/match.ts';
import type { NamesMatch } from '../../../ruleset/rule-values.ts';
import {
  isLimitedBroadcast,
  isLoopbackAddress,
  isMulticast,
  sameAddress,
  type Address,
  type KnownAddress,
} from '../address.ts';
import { ask, negate, type Answer, type Scene } from '../answer.ts';
import { isBound } from '../ipvs-knowledge.ts';

/**
 * Whether an address is one of this node: loopback and what is given; otherwise a question. IPVS sees only packets for the node itself, so
 * the addresses of virtual servers are taken for its own (kube-ipvs0).
 */
export function isLocal(address: Address, scene: Pick<Scene, 'assumptions' | 'sentFrom'>): Answer {
  if (address === 'own' || isLoopbackAddress(address)) return true;
  const { localAddresses = [], ipvs, sets } = scene.assumptions;
  if (localAddresses.some((local) => sameAddress(local, address))) return true;
  // What a process of the node sends comes from an address of the node.
  if (scene.sentFrom !== undefined && sameAddress(address, scene.sentFrom)) return true;
  const { text, family } = address;
  if (isMulticast(address) || isLimitedBroadcast(address)) return false;
  const known = localAddresses.some((local) => local.family === family);
  const isServed = ipvs?.hasAddress(text) === true || (sets !== undefined && isBound(address, sets));
  const question = {
    key: `local ${text}`,
    subject: text,
    yes: `${text} is an address of the node`,
    no: `${text} is not an address of the node`,
  };
  if (isServed) return ask({ kind: 'local', ...question, likely: true });
  return known ? false : ask({ kind: 'local', ...question });
}

/** xt_addrtype.c; the types of the two families are found in different ways. */
export function matchesAddressType(match: AddrtypeMatch, scene: Scene): Answer[] {
  const { source, destination } = scene.course.header;
  const answers: Answer[] = [];
  if (match.source !== undefined) answers.push(ofType(source, match.source, match.limitInterface, scene));
  if (match.destination !== undefined)
    answers.push(ofType(destination, match.destination, match.limitInterface, scene));
  return answers;
}

function ofType(
  address: Address,
  { values, negated }: NamesMatch,
  limit: 'in' | 'out' | undefined,
  scene: Scene,
): Answer {
  const local = localOn(address, limit, scene);
  const of =
    address !== 'own' && address.family === 'ipv6'
      ? ofTypeV6(address, values, local)
      : ofTypeV4(address, values, local);
  return negate(of, negated);
}

/** With `--limit-iface-in` an address of another interface is not local. Which interface has it is not known, except for loopback. */
function localOn(address: Address, limit: 'in' | 'out' | undefined, scene: Scene): Answer {
  const local = isLocal(address, scene);
  if (limit === undefined || local === false) return local;
  const name = limit === 'in' ? scene.inInterface : scene.outInterface;
  if (isLoopbackAddress(address) && name !== undefined) return name === 'lo';
  const text = address === 'own' ? "the node's own address" : address.text;
  const which = name ?? `the interface where it ${limit === 'in' ? 'comes in' : 'leaves'}`;
  return ask({
    kind: 'match',
    key: `local ${text} on ${which}`,
    subject: 'addrtype',
    yes: `${text} is an address of ${which}`,
    no: `${text} is not an address of ${which}`,
  });
}

/** An IPv4 address has one type: what the routing table `local` says (inet_addr_type), UNICAST if nothing. */
function ofTypeV4(address: Address, types: readonly string[], local: Answer): Answer {
  if (address !== 'own') {
    // 0.0.0.0 counts as broadcast there (ipv4_is_zeronet).
    if (address.value === 0n || isLimitedBroadcast(address)) return types.includes('BROADCAST');
    if (isMulticast(address)) return types.includes('MULTICAST');
  }
  const [ifLocal, ifNot] = [types.includes('LOCAL'), types.includes('UNICAST')];
  if (ifLocal === ifNot) return ifLocal;
  return negate(local, ifNot);
}

/** IPv6 asks one type after the other: UNICAST is all that is not multicast, of this node or not (match_type6). */
function ofTypeV6(address: KnownAddress, types: readonly string[], local: Answer): Answer {
  const multicast = isMulticast(address);
  const unspecified = address.value === 0n;
  if (types.includes('MULTICAST') && !multicast) return false;
  if (types.includes('UNICAST') && (multicast || unspecified)) return false;
  if (types.includes('UNSPEC') && !unspecified) return false;
  if (!types.some((type) => type === 'LOCAL' || type === 'ANYCAST' || type === 'UNREACHABLE')) return true;
  return types.includes('LOCAL') ? local : false;
}
