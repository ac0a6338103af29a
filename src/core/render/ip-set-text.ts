import type { IpSet } from '../ruleset/ip-set.ts';
import { elementText, setNameText } from '../ruleset/print-ip-set.ts';
import { renderObject } from './template-set.ts';

/** A set and its members as `ipset save` prints them: what `ipset restore` reads. */
export function ipSetText(set: IpSet): string {
  const { name, type, header, entries } = set;
  return renderObject('ipset/set', {
    name: setNameText(name),
    type,
    header: header.join(' '),
    members: entries.map((entry) => ({ element: elementText(entry, set), options: entry.options.join(' ') })),
  });
}
