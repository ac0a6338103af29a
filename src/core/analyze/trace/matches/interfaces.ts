import type { TextMatch } from '../../../ruleset/rule-values.ts';
import { ask, type Answer } from '../answer.ts';

/**
 * `eth0`, or `eth+` for every name that begins with eth. Where a packet has no interface (its way in, in OUTPUT), the kernel compares with
 * an empty name.
 */
export function matchesInterface(name: string | undefined, match: TextMatch, way: 'in' | 'out'): Answer {
  const { value, negated } = match;
  if (name !== undefined) {
    const same = value.endsWith('+') ? name.startsWith(value.slice(0, -1)) : name === value;
    return same !== negated;
  }
  if (value === '+') return !negated;
  const verb = way === 'in' ? 'comes in' : 'leaves';
  const question = {
    key: `${way} ${value}`,
    subject: value,
    yes: `it ${verb} by ${value}`,
    no: `it does not ${way === 'in' ? 'come in' : 'leave'} by ${value}`,
  };
  return ask({ kind: way === 'in' ? 'in-interface' : 'out-interface', ...question }, negated);
}
