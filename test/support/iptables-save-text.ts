// Reads iptables-save text, and iptables-restore input, as plain text: tables, chains, policies, rule lines. No rule is understood;
// two texts can be compared, and that is all.

export interface SavedChain {
  /** `-` for a chain that is not built in. */
  readonly policy: string;
  /** `-A CHAIN ...`, without counters. */
  readonly rules: readonly string[];
}

export type SavedTable = ReadonlyMap<string, SavedChain>;
export type SavedTables = ReadonlyMap<string, SavedTable>;

interface OpenChain {
  readonly policy: string;
  readonly rules: string[];
}

/** iptables 1.8.9 prints two blanks after --nfacct-name, newer versions one. */
function normalizeRule(rule: string): string {
  return rule.replace('--nfacct-name  ', '--nfacct-name ');
}

/** Throws on a line that none of the tools writes. */
export function parseSaveText(text: string): SavedTables {
  const tables = new Map<string, Map<string, OpenChain>>();
  let table: Map<string, OpenChain> | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const [, counters = '', rest = ''] = /^(\[\d+:\d+\] )?(.*)$/.exec(line) ?? [];
    if (rest.startsWith('*')) {
      table = new Map();
      tables.set(rest.slice(1), table);
    } else if (rest === 'COMMIT') {
      table = undefined;
    } else if (table === undefined || !readChainLine(table, rest)) {
      throw new Error(`line ${index + 1} is no iptables-save line: ${counters}${rest}`);
    }
  }
  return tables;
}

function readChainLine(table: Map<string, OpenChain>, line: string): boolean {
  const declaration = /^:(\S+) (\S+)(?: \[\d+:\d+\])?$/.exec(line);
  if (declaration !== null) {
    const [, chain = '', policy = ''] = declaration;
    table.set(chain, { policy, rules: [] });
    return true;
  }
  const rules = table.get(/^-A (\S+)/.exec(line)?.[1] ?? '')?.rules;
  rules?.push(normalizeRule(line));
  return rules !== undefined;
}

/** In these kube-proxy writes one group of rules per Service, in the random order of a Go map. */
export const UNORDERED_CHAINS: readonly string[] = [
  'KUBE-SERVICES',
  'KUBE-NODEPORTS',
  'KUBE-EXTERNAL-SERVICES',
  'KUBE-PROXY-FIREWALL',
];

/** Ends the rules (several, with nodePortAddresses) that must stay behind all others of nat KUBE-SERVICES. */
const NODEPORTS_JUMP = '-j KUBE-NODEPORTS';

export interface CompareOptions {
  /** Chains compared as multisets, their jump to KUBE-NODEPORTS excepted. Default: none. */
  readonly unordered?: readonly string[];
}

/** The differences, one line each; none when the texts mean the same chains. An empty built-in chain may be left out. */
export function compareTables(expected: SavedTables, actual: SavedTables, options: CompareOptions = {}): string[] {
  return union(expected, actual).flatMap((table) =>
    compareChains(table, expected.get(table) ?? new Map(), actual.get(table) ?? new Map(), options),
  );
}

function compareChains(table: string, expected: SavedTable, actual: SavedTable, options: CompareOptions): string[] {
  return union(expected, actual).flatMap((name) => {
    const place = `${table} ${name}`;
    const want = expected.get(name);
    const have = actual.get(name);
    if (want === undefined || have === undefined) {
      const only = want ?? have;
      if (only === undefined || (only.policy === 'ACCEPT' && only.rules.length === 0)) return [];
      return [`${place}: ${want === undefined ? 'not expected' : 'missing'}`];
    }
    if (want.policy !== have.policy) return [`${place}: policy ${have.policy}, expected ${want.policy}`];
    return compareRules(place, want.rules, have.rules, options.unordered?.includes(name) ?? false);
  });
}

function compareRules(place: string, want: readonly string[], have: readonly string[], unordered: boolean): string[] {
  const [wanted, got] = unordered ? [inAnyOrder(want), inAnyOrder(have)] : [want, have];
  if (wanted.length === got.length && wanted.every((rule, index) => rule === got[index])) return [];
  const missing = without(wanted, got).map((rule) => `${place}: missing ${rule}`);
  const surplus = without(got, wanted).map((rule) => `${place}: not expected ${rule}`);
  const differences = [...missing, ...surplus];
  return differences.length > 0 ? differences : [`${place}: the rules are in another order`];
}

/** Sorted, with the jumps to KUBE-NODEPORTS behind all others. Untouched when one of them was not there: then order matters. */
function inAnyOrder(rules: readonly string[]): readonly string[] {
  const isJump = (rule: string): boolean => rule.endsWith(NODEPORTS_JUMP);
  const others = rules.filter((rule) => !isJump(rule));
  if (rules.slice(0, others.length).some(isJump)) return rules;
  return [...others.sort(), ...rules.slice(others.length).sort()];
}

/** What `rules` has more of than `others`, as multisets. */
function without(rules: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return rules.filter((rule) => {
    const index = left.indexOf(rule);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

function union(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): string[] {
  return [...new Set([...a.keys(), ...b.keys()])].sort();
}
