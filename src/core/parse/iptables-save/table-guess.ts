import { splitWords } from '../../ruleset/rule-words.ts';

/** Rules of one chain that stand behind no table header. */
export interface LooseChain {
  readonly name: string;
  readonly rules: readonly string[];
}

/** A table, and what makes one think so. */
export interface TableGuess {
  readonly table: string;
  readonly because: string;
}

/** Targets that the kernel takes in one table only. */
const TARGET_TABLES: ReadonlyMap<string, string> = new Map([
  ...['DNAT', 'SNAT', 'MASQUERADE', 'REDIRECT', 'NETMAP'].map((target) => [target, 'nat'] as const),
  ...['TPROXY', 'CHECKSUM', 'TOS', 'DSCP', 'TTL', 'HL', 'TCPOPTSTRIP'].map((target) => [target, 'mangle'] as const),
  ...['CT', 'NOTRACK'].map((target) => [target, 'raw'] as const),
  ['REJECT', 'filter'],
]);

/** Chains of Kubernetes that are in one table only, by the beginning of their names. */
const CHAIN_TABLES: readonly (readonly [RegExp, string])[] = [
  [/^KUBE-(?:SVC|SVL|SEP|EXT|FW|XLB|MARK-MASQ|MARK-DROP|POSTROUTING|PORTALS|NODEPORT-|HP|HOSTPORTS)/, 'nat'],
  [/^KUBE-(?:FORWARD|EXTERNAL-SERVICES|PROXY-FIREWALL)$/, 'filter'],
  [/^(?:PREROUTING|POSTROUTING)$/, 'nat'],
  [/^(?:INPUT|FORWARD)$/, 'filter'],
];

function targetOf(rule: string): string | undefined {
  const { words } = splitWords(rule);
  const jump = words.findIndex(({ value }) => value === '-j' || value === '-g');
  return jump === -1 ? undefined : words[jump + 1]?.value;
}

function ofTargets(targets: readonly (string | undefined)[]): TableGuess | undefined {
  for (const target of targets) {
    const table = TARGET_TABLES.get(target ?? '');
    if (table !== undefined && target !== undefined)
      return { table, because: `${target} is a target of that table only` };
  }
  return undefined;
}

function ofName(name: string): TableGuess | undefined {
  const table = CHAIN_TABLES.find(([pattern]) => pattern.test(name))?.[1];
  return table === undefined ? undefined : { table, because: `${name} is a chain of it` };
}

function append(map: Map<string, string[]>, key: string, value: string): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}

/** What iptables itself takes where no table is named. */
const DEFAULT: TableGuess = { table: 'filter', because: 'nothing in them says another' };

/**
 * The table of each chain: by targets that are in one table only, by well-known names, then by the chains that it jumps to or that jump
 * to it, else filter.
 */
export function guessTables(chains: readonly LooseChain[]): ReadonlyMap<string, TableGuess> {
  const targets = new Map(chains.map(({ name, rules }) => [name, rules.map(targetOf)]));
  const guesses = new Map<string, TableGuess>();
  const neighbours = new Map<string, string[]>();
  const queue: string[] = [];
  const note = (name: string, guess: TableGuess | undefined): void => {
    if (guess === undefined || guesses.has(name)) return;
    guesses.set(name, guess);
    queue.push(name);
  };
  for (const [name, jumps] of targets) {
    note(name, ofTargets(jumps) ?? ofName(name));
    for (const target of jumps) {
      if (target === undefined || TARGET_TABLES.has(target) || ['ACCEPT', 'DROP', 'RETURN'].includes(target)) continue;
      note(target, ofName(target));
      append(neighbours, name, target);
      append(neighbours, target, name);
    }
  }
  // The queue grows while it is walked.
  for (const name of queue) {
    const guess = guesses.get(name);
    for (const other of neighbours.get(name) ?? []) note(other, guess);
  }
  return new Map(chains.map(({ name }) => [name, guesses.get(name) ?? DEFAULT]));
}
