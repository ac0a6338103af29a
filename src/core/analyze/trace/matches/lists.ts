import type { LimitMatch, PhysdevMatch, RecentMatch, SetMatch } from '../../../ruleset/match.ts';
import type { Negatable } from '../../../ruleset/rule-values.ts';
import { limitText } from '../../../ruleset/limit-rate.ts';
import { addressText, endpointText } from '../address.ts';
import { ask, type Answer, type Scene } from '../answer.ts';
import { isInSet } from './ip-sets.ts';

/** The entry of a list that a match is about. */
export function recentKey({ name, mask, side }: RecentMatch, { course: { header } }: Scene): string {
  return `recent ${name} ${mask} ${addressText(side === 'source' ? header.source : header.destination)}`;
}

/** recent_mt (xt_recent.c). What the packet itself has put into a list is known, all else is not. */
export function matchesRecent(match: RecentMatch, scene: Scene): Answer[] {
  const { name, action, side, hitcount = 0, rttl, negated } = match;
  if (action === 'set') return [!negated];
  const key = recentKey(match, scene);
  const known = scene.course.facts[key];
  if (known === false || (known === true && hitcount <= 1 && !rttl)) return [known !== negated];
  const { header } = scene.course;
  const address = addressText(side === 'source' ? header.source : header.destination);
  const often = hitcount > 1 ? ` ${hitcount} times` : '';
  const since = match.seconds === undefined ? '' : ` in the last ${match.seconds} s`;
  const question = {
    key: hitcount > 1 || match.seconds !== undefined ? `${key}${often}${since}` : key,
    subject: name,
    yes: `the list ${name} has seen ${address}${often}${since}`,
    no: `the list ${name} has not seen ${address}${often}${since}`,
  };
  return [ask({ kind: 'recent', ...question }, negated)];
}

export function matchesSet(match: SetMatch, scene: Scene): Answer[] {
  const { name, directions, negated } = match;
  const { header } = scene.course;
  const parts = directions.map((way) =>
    way === 'src'
      ? endpointText(header.source, header.sourcePort)
      : endpointText(header.destination, header.destinationPort),
  );
  const what = [...new Set(parts)].join(' and ');
  const question = {
    key: `set ${name} ${directions.join(',')} ${what}`,
    subject: name,
    yes: `${what} is in the set ${name} (${directions.join(',')})`,
    no: `${what} is not in the set ${name} (${directions.join(',')})`,
  };
  const asked = ask({ kind: 'set', ...question }, negated);
  const { sets } = scene.assumptions;
  // Counters of entries are not known, and neither is what `nomatch` entries do to rules that ask for them.
  if (sets === undefined || match.packets !== undefined || match.bytes !== undefined || match.returnNomatch)
    return [asked];
  const found = isInSet(name, directions, scene, sets);
  return [found === undefined ? asked : found !== negated];
}

/** physdev_mt: a packet that crosses no bridge matches where each option is negated. */
export function matchesPhysdev({ isIn, inInterface, isOut, outInterface, isBridged }: PhysdevMatch): Answer[] {
  const options: readonly (Negatable | undefined)[] = [isIn, inInterface, isOut, outInterface, isBridged];
  const text = options.every((option) => option === undefined || option.negated);
  const question = {
    key: 'bridge',
    subject: 'physdev',
    yes: 'it crosses a bridge whose packets the rules see',
    no: 'it crosses no bridge whose packets the rules see',
  };
  return [ask({ kind: 'bridge', ...question }, text)];
}

export function matchesLimit({ period, burst }: LimitMatch): Answer[] {
  const rate = limitText(period);
  const question = {
    key: `limit ${rate} ${burst}`,
    subject: rate,
    yes: `packets come no faster than ${rate}`,
    no: `packets come faster than ${rate}`,
  };
  return [ask({ kind: 'limit', ...question })];
}
