import type { NetworkMatch } from '../../../ruleset/rule-values.ts';
import type { UnreadableAddress } from '../../../ruleset/rule.ts';
import type { Address } from '../address.ts';
import { ask, negate, type Answer } from '../answer.ts';

/** `(address & mask) == base`, as ip_tables.c and xt_conntrack.c compare. */
export function matchesNetwork(address: Address, match: NetworkMatch | UnreadableAddress): Answer {
  const { network, negated } = match;
  if (network === undefined) {
    const { text } = match;
    const subject = address === 'own' ? 'the address' : address.text;
    const key = `address ${text} ${subject}`;
    const question = {
      kind: 'match',
      key,
      subject: text,
      yes: `${subject} is ${text}`,
      no: `${subject} is not ${text}`,
    };
    return ask({ ...question, kind: 'match' }, negated);
  }
  if (network.mask === 0n) return !negated;
  if (address !== 'own') {
    return (address.family === network.family && (address.value & network.mask) === network.base) !== negated;
  }
  const { text } = network;
  const own = "the node's own address";
  return negate(
    ask({
      kind: 'own-address',
      key: `own ${text}`,
      subject: text,
      yes: `${own} is in ${text}`,
      no: `${own} is not in ${text}`,
    }),
    negated,
  );
}
