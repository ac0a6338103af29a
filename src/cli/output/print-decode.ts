import type { DecodedRules, DecodedServicePort } from '../../core/analyze/decode/decoded-rules.ts';
import type { Paint } from './colors.ts';
import { plainText } from './plain-text.ts';
import { familyName } from './plan-counts.ts';
import { lineRanges, portDetails } from './print-decode-wide.ts';
import { wrapText } from './wrap-text.ts';
import { addressText, endpointsText, serviceFacts } from './service-facts.ts';

export interface DecodeView {
  readonly file: string;
  readonly rules: DecodedRules;
  /** Those of its service ports that are asked for. */
  readonly shown: readonly DecodedServicePort[];
}

export interface PrintDecodeOptions {
  /** With frontends, endpoints, chains and lines of each service port. */
  readonly wide: boolean;
  /** Not all service ports are shown: nothing else is, then. */
  readonly filtered: boolean;
  /** Nothing folded. */
  readonly verbose: boolean;
  readonly width: number;
  readonly paint: Paint;
}

/** What rules do with Services, for people: who wrote them, a line for each service port, and what is left. */
export function printDecode(views: readonly DecodeView[], options: PrintDecodeOptions): string {
  const parts = views.flatMap((view) => {
    if (options.filtered && view.shown.length === 0) return [];
    return [familyLines(view, views.length > 1, options)];
  });
  return parts.map((lines) => lines.map((line) => `${line}\n`).join('')).join('\n');
}

function familyLines(view: DecodeView, several: boolean, options: PrintDecodeOptions): readonly string[] {
  const { rules, shown } = view;
  const { paint, filtered } = options;
  const head = several ? [paint.strong(plainText(`${familyName(rules.family)} (${view.file}):`))] : [];
  const table = shown.length === 0 ? [] : ['', ...portLines(shown, options)];
  return [...head, ...writerLines(rules, options.width), ...table, ...(filtered ? [] : leftOverLines(rules, options))];
}

const MISSING: { readonly [M in NonNullable<DecodedRules['ipvsMissing']>[number]]: string } = {
  'virtual-servers': 'its endpoints are in the kernel: ipvsadm -Sn > FILE, then --ipvs FILE',
  sets: 'its addresses are in sets: ipset save > FILE, then --ipset FILE',
};

const EXCERPT = 'this is an excerpt: rules of the table nat may be missing, so nothing is said of what is not there';

/** Whether rules of nat may be missing: an excerpt, or a dump that was cut. */
export function isPartOfNat({ node, servicePorts, writer }: DecodedRules): boolean {
  return (
    (writer.mode !== undefined && node.entries === undefined) || servicePorts.some(({ excerpt }) => excerpt === true)
  );
}

function writerLines(rules: DecodedRules, width: number): readonly string[] {
  const { writer, programs, node, ipvsMissing } = rules;
  const isPart = isPartOfNat(rules);
  const evidence = writer.evidence
    .slice(0, 2 + writer.leftoverModes.length)
    .map(({ text, line }) => `${text}, line ${line}`);
  const names = programs.map(({ name, line }) => `${name} (line ${line})`);
  const lines = [
    `${writer.text}${evidence.length === 0 ? '' : `: ${evidence.join('; ')}`}`,
    ...(isPart ? [EXCERPT] : []),
    ...(ipvsMissing ?? []).map((missing) => MISSING[missing]),
    ...(writer.mode === undefined
      ? ['if kube-proxy is in nftables mode, this shows its rules: nft list table ip kube-proxy']
      : []),
    ...(names.length > 0 ? [`also here: ${names.join(', ')}`] : []),
    ...(writer.mode === 'iptables' && node.entries?.length === 0 && !isPart
      ? ['nothing leads from PREROUTING or OUTPUT to KUBE-SERVICES: no packet gets to a Service']
      : []),
  ];
  return lines.flatMap((line) => {
    const [first = '', ...rest] = wrapText(plainText(line), width - 2)
      .trimEnd()
      .split('\n');
    return [first, ...rest.map((more) => `  ${more}`)];
  });
}

interface Row {
  readonly name: string;
  readonly address: string;
  readonly endpoints: string;
  readonly facts: readonly string[];
  readonly port: DecodedServicePort;
}

const GAP = 2;
/** Longer names get a line of their own. */
const LONGEST_NAME = 44;
/** Facts need so much room beside the columns; with less they go below. */
const LEAST_FACTS = 26;

function portLines(ports: readonly DecodedServicePort[], options: PrintDecodeOptions): readonly string[] {
  const rows = ports.map((port): Row => {
    return {
      name: plainText(port.name),
      address: plainText(addressText(port)),
      endpoints: plainText(endpointsText(port)),
      facts: serviceFacts(port).map(plainText),
      port,
    };
  });
  const header = { name: 'SERVICE PORT', address: 'CLUSTER IP', endpoints: 'ENDPOINTS' };
  const longest = (of: (row: Pick<Row, 'name' | 'address' | 'endpoints'>) => string): number =>
    Math.max(of(header).length, ...rows.map((row) => of(row).length).filter((n) => n <= LONGEST_NAME));
  const widths = [longest((r) => r.name), longest((r) => r.address), longest((r) => r.endpoints)];
  const columns = ({ name, address, endpoints }: Pick<Row, 'name' | 'address' | 'endpoints'>): string =>
    [name, address, endpoints].map((text, i) => text.padEnd((widths[i] ?? 0) + GAP)).join('');
  const used = widths.reduce((sum, width) => sum + width + GAP, 0);
  return [
    options.paint.faint(
      `${columns(header)}${!options.wide && options.width - used >= LEAST_FACTS ? 'MORE' : ''}`.trimEnd(),
    ),
    ...rows.flatMap((row) => rowLines(row, columns, used, options)),
  ];
}

function rowLines(
  row: Row,
  columns: (row: Row) => string,
  used: number,
  options: PrintDecodeOptions,
): readonly string[] {
  const { paint, width, wide } = options;
  const isLong = row.name.length > LONGEST_NAME;
  const start = columns(isLong ? { ...row, name: '' } : row);
  const painted = isLong ? start : `${paint.strong(row.name)}${start.slice(row.name.length)}`;
  const beside = width - used >= LEAST_FACTS;
  const facts = wide ? [] : wrapItems(row.facts, beside ? width - used : width - 4);
  const [first = '', ...rest] = beside ? facts : ['', ...facts];
  const indent = ' '.repeat(beside ? used : 4);
  return [
    ...(isLong ? [paint.strong(row.name)] : []),
    `${painted}${first}`.trimEnd(),
    ...rest.map((text) => `${indent}${text}`),
    ...(wide ? portDetails(row.port, { ...options, width: width - 4 }).map((text) => `    ${text}`) : []),
  ];
}

/** Items with commas between them, in lines no longer than `width`; cut within an item only where it is longer than a line. */
function wrapItems(items: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  for (const [i, item] of items.entries()) {
    const text = i < items.length - 1 ? `${item},` : item;
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + text.length <= width) lines[lines.length - 1] = `${last} ${text}`;
    else lines.push(...wrapText(text, width).trimEnd().split('\n'));
  }
  return lines;
}

/** How many chains or rules of a kind are shown. */
const SHOWN = 10;

function leftOverLines(rules: DecodedRules, options: PrintDecodeOptions): readonly string[] {
  const { ipvsSets, unreached, notDecoded, servicePorts } = rules;
  const told = new Set(unreached.length === 0 ? [] : servicePorts.flatMap(chainNames));
  const sets = ipvsSets.map(({ name, meaning, lines, members }) => {
    const more = members === undefined ? '' : `; ${membersText(name, members)}`;
    return `${name}: ${meaning} (${lineRanges(lines)})${more}`;
  });
  const chains = unreached.filter(({ name }) => !told.has(name)).map(({ name, line }) => `${name} (line ${line})`);
  const others = notDecoded.map(({ line, text, reason }) => `line ${line}: ${shortened(text.trim())}\n    ${reason}`);
  return [
    ...section(`sets of the IPVS mode, ${ipvsSets.length}:`, sets, { ...options, verbose: true }),
    ...section(`chains that nothing ${isPartOfNat(rules) ? 'here ' : ''}leads to, ${chains.length}:`, chains, options),
    ...section(`not decoded, ${notDecoded.length} ${notDecoded.length === 1 ? 'rule' : 'rules'}:`, others, options),
  ];
}

/** iptables-save writes some 400 signs at most: comments have up to 256, and names up to 31. */
const LONGEST_RULE = 500;

function shortened(text: string): string {
  return text.length <= LONGEST_RULE ? text : `${text.slice(0, LONGEST_RULE)}… (${text.length} characters)`;
}

/** Of health checks nothing else tells the ports. */
function membersText(name: string, members: readonly string[]): string {
  if (members.length === 0) return 'none';
  if (name.includes('HEALTH-CHECK')) return members.join(', ');
  return `${members.length} ${members.length === 1 ? 'member' : 'members'}`;
}

function chainNames({ chains, endpoints }: DecodedServicePort): readonly string[] {
  return [...chains.map(({ name }) => name), ...endpoints.flatMap(({ chain }) => chain ?? [])];
}

function section(title: string, items: readonly string[], { verbose, paint }: PrintDecodeOptions): readonly string[] {
  if (items.length === 0) return [];
  const shown = verbose ? items : items.slice(0, SHOWN);
  const rest = items.length - shown.length;
  return [
    '',
    paint.strong(title),
    ...shown.flatMap((item) => item.split('\n').map((line) => `  ${plainText(line)}`)),
    ...(rest > 0 ? [paint.faint(`  ... and ${rest} more (-v shows all)`)] : []),
  ];
}
