import type { ReportSource } from '../../core/analyze/report/report.ts';
import type { ReportView } from '../../core/render/report-shapes.ts';
import { isPartOfNat } from './print-decode.ts';
import { rangeText } from './print-decode-wide.ts';

type RestView = ReportView<'page'>['rest'][number];
type Item = RestView['items'][number];

/** So many of a kind are shown. */
const MOST = 200;

/** What rules hold besides Services. `of` tells one source from others. */
export function restOf({ rules }: ReportSource, of: string): readonly RestView[] {
  const { ipvsSets, unreached, notDecoded, servicePorts } = rules;
  const told = new Set(
    servicePorts.flatMap(({ chains, endpoints }) => [
      ...chains.map(({ name }) => name),
      ...endpoints.map(({ chain }) => chain),
    ]),
  );
  const sets = ipvsSets.map(({ name, meaning, lines }) => ({ line: rangeText(lines), text: name, note: meaning }));
  const chains = unreached
    .filter(({ name }) => !told.has(name))
    .map(({ name, line, table }) => ({ line: String(line), text: name, note: `of the table ${table}` }));
  const others = notDecoded.map(({ line, text, reason }) => ({ line: String(line), text: text.trim(), note: reason }));
  return [
    ...part('Sets of the IPVS mode', of, sets),
    ...part(`Chains that nothing ${isPartOfNat(rules) ? 'here ' : ''}leads to`, of, chains),
    ...part('Rules that are not decoded', of, others),
  ];
}

function part(title: string, of: string, items: readonly Item[]): readonly RestView[] {
  if (items.length === 0) return [];
  const rest = items.length - MOST;
  return [
    {
      title: `${title}${of === '' ? '' : ` (${of})`}: ${items.length}`,
      items: items.slice(0, MOST),
      more: rest > 0 ? `and ${rest} more; chainsmith decode -v lists all` : '',
    },
  ];
}
