import { didYouMean } from '../../util/suggestion.ts';
import type { TableName } from '../../ruleset/compiled-rules.ts';

/** Where a rule stands, and where it may jump. */
export interface RulePlace {
  readonly table: TableName;
  readonly chain: string;
  /** The chains of the table that a rule can jump to: all but the built-in ones. */
  readonly jumpable: ReadonlySet<string>;
}

/** In which of our tables iptables and the kernel take a target; the others exist nowhere but in `raw` or `security`. */
const TARGET_TABLES: ReadonlyMap<string, readonly TableName[]> = new Map<string, readonly TableName[]>([
  ...everywhere('ACCEPT RETURN QUEUE MARK CONNMARK LOG NFLOG NFQUEUE TRACE TCPMSS SET AUDIT'),
  ...everywhere('CLASSIFY TEE SYNPROXY HMARK IDLETIMER LED RATEEST'),
  ['DROP', ['filter', 'mangle']],
  ['REJECT', ['filter']],
  ['DNAT', ['nat']],
  ['SNAT', ['nat']],
  ['MASQUERADE', ['nat']],
  ['REDIRECT', ['nat']],
  ['NETMAP', ['nat']],
  ['TPROXY', ['mangle']],
  ['CHECKSUM', ['mangle']],
  ['DSCP', ['mangle']],
  ['TOS', ['mangle']],
  ['TTL', ['mangle']],
  ['HL', ['mangle']],
  ['TCPOPTSTRIP', ['mangle']],
  ['CONNSECMARK', ['mangle']],
  ['SECMARK', ['mangle']],
  ['CT', []],
  ['NOTRACK', []],
]);

function everywhere(names: string): readonly (readonly [string, readonly TableName[]])[] {
  return names.split(' ').map((name) => [name, ['mangle', 'filter', 'nat']] as const);
}

/** What is wrong with the value of -j or -g; undefined if nothing is. */
export function targetProblem(target: string, goto: boolean, place: RulePlace): string | undefined {
  if (target === place.chain) return `a jump of the chain to itself`;
  if (place.jumpable.has(target)) return undefined;
  const tables = goto ? undefined : TARGET_TABLES.get(target);
  if (tables?.includes(place.table) === true) return undefined;
  if (tables !== undefined) {
    const where = tables.length === 0 ? 'no table that chainsmith compiles' : `the table ${tables.join(' or ')} only`;
    return `the target ${target}, which is for ${where}`;
  }
  if (goto && TARGET_TABLES.has(target)) return `-g ${target}; -g takes a chain`;
  const near = didYouMean(target, [...place.jumpable, ...(goto ? [] : TARGET_TABLES.keys())]);
  const hint = near === undefined ? '' : ` (${near}?)`;
  return `a jump to ${JSON.stringify(target)}, which is no chain of the table ${place.table}${goto ? '' : ' and no target'}${hint}`;
}
