import type { OpaqueMatch } from '../../../ruleset/match.ts';
import { ipRangeMatch, isInRange, type IpRange } from '../../../ruleset/ip-range.ts';
import type { Address } from '../address.ts';
import { ask, type Answer, type Scene } from '../answer.ts';
import { roleOf, whichPacket } from '../which-packet.ts';

/**
 * Matches that ask what no hook and no NAT changes: which process sends the packet (xt_owner, xt_cgroup), when (xt_time), how long it is
 * (xt_length).
 */
const STEADY: ReadonlySet<string> = new Set(['owner', 'cgroup', 'time', 'length']);

/**
 * What is not known may hang on everything: behind NAT to one endpoint it may match and behind NAT to another miss, so each is a question of
 * its own; and so is each hook, where interfaces and routes are others.
 */
export function matchesOpaque(match: OpaqueMatch, scene: Scene): Answer[] {
  const { name, words } = match;
  const { header } = scene.course;
  const ranges = ipRangeMatch(match, header.family);
  if (ranges !== undefined)
    return [...inRange(header.source, ranges.source), ...inRange(header.destination, ranges.destination)];
  const text = ['-m', name, ...words].join(' ');
  if (STEADY.has(name)) {
    const role = roleOf(scene.course.connection);
    const of = role === 'first' ? '' : role === 'reply' ? ' (reply)' : ' (later packet)';
    return [ask({ kind: 'match', key: `match ${text} ${role}`, ...sentences(name, text, of) })];
  }
  const { key, text: of } = whichPacket(scene);
  const { hook } = scene;
  return [ask({ kind: 'match', key: `match ${hook} ${text} ${key}`, hook, ...sentences(name, text, of) })];
}

function inRange(address: Address, range: IpRange | undefined): Answer[] {
  if (range === undefined) return [];
  if (address !== 'own') return [isInRange(range, address.value)];
  const { text, negated } = range;
  const own = "the node's own address";
  const question = { subject: text, yes: `${own} is in ${text}`, no: `${own} is not in ${text}` };
  return [ask({ kind: 'own-address', key: `own ${text}`, ...question }, negated)];
}

function sentences(
  subject: string,
  text: string,
  of: string,
): { readonly subject: string; readonly yes: string; readonly no: string } {
  return { subject, yes: `${text} matches${of}`, no: `${text} does not match${of}` };
}
