/**
 * What iptables-restore --noflush does to the tables of a kernel, as far as plans use it. Strict where the kernel is: a command that it
 * would refuse throws, and then the table is as it was. It knows rules as text, and shares no code with the planner.
 */
import type { PayloadTable } from '../../src/core/plan/restore-payload.ts';
import type { SavedRules } from '../../src/core/ruleset/saved-rules.ts';

export class RestoreRefused extends Error {
  override readonly name = 'RestoreRefused';
}

interface ModelChain {
  /** Undefined for a chain that is not built in. */
  readonly policy: string | undefined;
  /** What stands behind `-A CHAIN`. */
  readonly rules: readonly string[];
}

type ModelTable = ReadonlyMap<string, ModelChain>;
type OpenTable = Map<string, ModelChain>;

const BUILT_IN: Readonly<Record<string, readonly string[]>> = {
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  raw: ['PREROUTING', 'OUTPUT'],
};

/** Targets that are no chains. */
const EXTENSIONS = new Set(
  'ACCEPT DROP RETURN REJECT DNAT SNAT MASQUERADE REDIRECT MARK CONNMARK LOG NFLOG CT NOTRACK TCPMSS'.split(' '),
);

export class RestoreModel {
  readonly #tables = new Map<string, ModelTable>();

  constructor(initial: SavedRules = { tables: [] }) {
    for (const [table, chains] of Object.entries(BUILT_IN)) {
      this.#tables.set(table, new Map(chains.map((name) => [name, { policy: 'ACCEPT', rules: [] }])));
    }
    for (const { name: table, chains } of initial.tables) {
      const filled: OpenTable = new Map(this.#tables.get(table));
      for (const { name, policy, rules } of chains.values()) {
        const isBuiltIn = filled.get(name)?.policy !== undefined;
        const lines = rules.split('\n').slice(0, -1);
        const own = lines.map((line) => line.slice(`-A ${name}`.length).trimStart());
        filled.set(name, { policy: isBuiltIn ? (policy === '-' ? 'ACCEPT' : policy) : undefined, rules: own });
      }
      this.#tables.set(table, filled);
    }
  }

  /** Each table is all or nothing. Throws RestoreRefused where iptables-restore would fail. */
  load(payload: readonly PayloadTable[]): void {
    for (const { table, body } of payload) {
      const chains: OpenTable = new Map(this.#tables.get(table));
      const [head, ...lines] = [...body].join('').split('\n').slice(0, -1);
      if (head !== `*${table}`)
        throw new RestoreRefused(`the table is ${table}, and its text begins with ${head ?? ''}`);
      for (const line of lines) run(chains, line);
      checkLoops(table, chains);
      this.#tables.set(table, chains);
    }
  }

  /** As iptables-save prints it: chains by name. */
  save(): string {
    return [...this.#tables]
      .map(([table, chains]) => {
        const sorted = [...chains].sort(([a], [b]) => (a < b ? -1 : 1));
        const declared = sorted.map(([name, { policy }]) => `:${name} ${policy ?? '-'} [0:0]\n`);
        const rules = sorted.flatMap(([name, chain]) => chain.rules.map((rule) => `-A ${name} ${rule}`.trimEnd()));
        return `*${table}\n${declared.join('')}${rules.map((rule) => `${rule}\n`).join('')}COMMIT\n`;
      })
      .join('');
  }
}

function run(chains: OpenTable, line: string): void {
  if (line === '-S') return;
  if (line.startsWith(':')) return declare(chains, line);
  const [, command = '', name = '', rest = ''] = /^(?:\[\d+:\d+\] )?-([ADIX]) (\S+) ?(.*)$/.exec(line) ?? [];
  const chain = chains.get(name);
  if (chain === undefined) throw new RestoreRefused(`no chain for: ${line}`);
  const { policy, rules } = chain;
  switch (command) {
    case 'A':
      checkTarget(chains, rest, line);
      chains.set(name, { policy, rules: [...rules, rest] });
      return;
    case 'I': {
      const [, position = '', rule = ''] = /^(\d+) ?(.*)$/.exec(rest) ?? [];
      checkTarget(chains, rule, line);
      const at = Number(position) - 1;
      if (at < 0 || at > rules.length) throw new RestoreRefused(`index too big: ${line}`);
      chains.set(name, { policy, rules: rules.toSpliced(at, 0, rule) });
      return;
    }
    case 'D': {
      const at = rules.indexOf(rest);
      if (at < 0) throw new RestoreRefused(`no such rule: ${line}`);
      chains.set(name, { policy, rules: rules.toSpliced(at, 1) });
      return;
    }
    case 'X':
      checkUnused(chains, name, chain);
      chains.delete(name);
      return;
    default:
      throw new RestoreRefused(`no command: ${line}`);
  }
}

function declare(chains: OpenTable, line: string): void {
  const [, name = '', policy = ''] = /^:(\S{1,28}) (-|ACCEPT|DROP) \[\d+:\d+\]$/.exec(line) ?? [];
  if (name === '') throw new RestoreRefused(`bad declaration: ${line}`);
  const known = chains.get(name);
  if (known?.policy !== undefined) {
    // With --noflush its rules stay.
    chains.set(name, { policy: policy === '-' ? known.policy : policy, rules: known.rules });
    return;
  }
  if (policy !== '-') throw new RestoreRefused(`a policy for a chain that is not built in: ${line}`);
  chains.set(name, { policy: undefined, rules: [] });
}

function jumpOf(rule: string): string | undefined {
  const target = / -[jg] (\S+)/.exec(` ${rule.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')}`)?.[1];
  return target === undefined || EXTENSIONS.has(target) ? undefined : target;
}

function checkTarget(chains: OpenTable, rule: string, line: string): void {
  const target = jumpOf(rule);
  if (target !== undefined && chains.get(target)?.policy !== undefined) throw new RestoreRefused(`built in: ${line}`);
  if (target !== undefined && !chains.has(target))
    throw new RestoreRefused(`the chain ${target} is not there: ${line}`);
}

function checkUnused(chains: OpenTable, name: string, { policy, rules }: ModelChain): void {
  if (policy !== undefined) throw new RestoreRefused(`${name} is built in`);
  if (rules.length > 0) throw new RestoreRefused(`${name} is not empty`);
  for (const [other, { rules: jumps }] of chains) {
    if (jumps.some((rule) => jumpOf(rule) === name)) throw new RestoreRefused(`${other} jumps to ${name}`);
  }
}

/** The kernel walks from the built-in chains and refuses a table in which a chain leads to itself. */
function checkLoops(table: string, chains: OpenTable): void {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    if (path.includes(name)) throw new RestoreRefused(`${table}: ${[...path, name].join(' -> ')} is a loop`);
    if (done.has(name)) return;
    for (const rule of chains.get(name)?.rules ?? []) {
      const target = jumpOf(rule);
      if (target !== undefined) visit(target, [...path, name]);
    }
    done.add(name);
  };
  for (const name of chains.keys()) visit(name, []);
}
