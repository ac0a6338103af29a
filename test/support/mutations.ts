/**
 * Small faults in rules, one at a time, as people and programs make them: a rule lost, doubled or moved; an address, port, chance, mark,
 * target or negation changed. What comes out is something that iptables-restore loads.
 */
import * as fc from 'fast-check';
import { parseIp, savedIpText } from '../../src/core/model/ip.ts';

export interface Mutation {
  readonly kind: MutationKind;
  /** Chooses the rule, and within it the place, and what stands there then. */
  readonly at: number;
  readonly place: number;
  readonly value: number;
}

const KINDS = [
  'drop',
  'swap',
  'duplicate',
  'move',
  'address',
  'port',
  'probability',
  'mark',
  'target',
  'negation',
  'protocol',
  'recent',
  'state',
] as const;
export type MutationKind = (typeof KINDS)[number];

export const mutations: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom(...KINDS),
  at: fc.nat(1_000_000),
  place: fc.nat(1_000_000),
  value: fc.nat(1_000_000),
});

export interface Mutated {
  readonly text: string;
  /** What was done, for messages. */
  readonly what: string;
}

/** Undefined if nothing in the rules can be changed in this way. */
export function mutate(text: string, mutation: Mutation): Mutated | undefined {
  const lines = text.split('\n');
  const change = CHANGES[mutation.kind];
  const candidates = lines.flatMap((line, i) => (line.startsWith('-A ') && change.fits(line) ? [i] : []));
  const at = pick(candidates, mutation.at);
  if (at === undefined) return undefined;
  const before = lines[at] ?? '';
  const changed = change.apply(lines, at, mutation);
  if (changed === undefined) return undefined;
  const after = changed.join('\n');
  if (after === text || hasCircle(changed) || translatesElsewhere(changed)) return undefined;
  const now = changed.filter((line) => !lines.includes(line));
  return {
    text: after,
    what: `${mutation.kind}: ${before}${now.length > 0 ? `\n  now: ${now.join('\n       ')}` : ''}`,
  };
}

interface Change {
  readonly fits: (line: string) => boolean;
  readonly apply: (lines: readonly string[], at: number, mutation: Mutation) => readonly string[] | undefined;
}

function pick<T>(items: readonly T[], number: number): T | undefined {
  return items[number % items.length];
}

function chainOf(line: string): string {
  return /^-A (\S+)/u.exec(line)?.[1] ?? '';
}

function tableAt(lines: readonly string[], at: number): string {
  return (
    lines
      .slice(0, at)
      .findLast((line) => line.startsWith('*'))
      ?.slice(1) ?? ''
  );
}

/** Where the rules of the same chain stand. */
function siblings(lines: readonly string[], at: number): readonly number[] {
  const [chain, table] = [chainOf(lines[at] ?? ''), tableAt(lines, at)];
  return lines.flatMap((line, i) =>
    line.startsWith('-A ') && chainOf(line) === chain && tableAt(lines, i) === table ? [i] : [],
  );
}

function withLine(lines: readonly string[], at: number, line: string): readonly string[] {
  return lines.map((old, i) => (i === at ? line : old));
}

/** Replaces one of the matches of a pattern within the line. */
function replaceOne(
  lines: readonly string[],
  at: number,
  { place }: Mutation,
  pattern: RegExp,
  by: (found: RegExpExecArray) => string | undefined,
): readonly string[] | undefined {
  const line = lines[at] ?? '';
  const found = pick([...line.matchAll(pattern)], place);
  const text = found && by(found);
  if (found === undefined || text === undefined) return undefined;
  return withLine(lines, at, line.slice(0, found.index) + text + line.slice(found.index + found[0].length));
}

/** All texts of some kind in the rules, sorted. */
function known(lines: readonly string[], pattern: RegExp): readonly string[] {
  return [...new Set(lines.flatMap((line) => [...line.matchAll(pattern)].map((found) => found[1] ?? '')))].sort();
}

function whole(pattern: RegExp): Pick<Change, 'fits'> {
  return { fits: (line) => new RegExp(pattern.source, 'u').test(line) };
}

const ADDRESS = /(?<= -[sd] )([0-9a-f.:]+)\/(\d+)(?= )/gu;
const TO = /(?<= --to-destination )(\[[^\]]+\]|[0-9.]+):(\d+)/gu;
const NETWORK_OR_TO = /(?<= -[sd] )[0-9a-f.:]+\/\d+(?= )|(?<= --to-destination )(?:\[[^\]]+\]|[0-9.]+)(?=:)/gu;
const PORT = /(?<= --dport )\d+|(?<= --to-destination (?:\[[^\]]+\]|[0-9.]+):)\d+/gu;

function otherAddress(address: string, value: number): string {
  const digits = /[0-9a-f]+$/u.exec(address)?.[0];
  if (digits === undefined) return address.includes(':') ? `${address}1` : address;
  const base = address.includes(':') ? 16 : 10;
  const number = Number.parseInt(digits, base);
  const next = base === 16 ? (number ^ (1 + (value % 3))) & 0xffff : (number ^ (1 + (value % 3))) & 255;
  const text = address.slice(0, address.length - digits.length) + next.toString(base);
  const ip = parseIp(text);
  // As iptables-save prints it: fd00::, not fd00::0.
  return ip === undefined ? text : savedIpText(ip);
}

function addressChange(found: string, lines: readonly string[], value: number): string | undefined {
  const [, host = '', prefix] = /^\[?([0-9a-f.:]+)\]?(?:\/(\d+))?$/u.exec(found) ?? [];
  if (prefix === undefined) {
    const others = known(lines, TO);
    const text =
      value % 2 === 0 ? otherAddress(host, value >> 1) : (pick(others, value >> 1) ?? host).replace(/[[\]]/gu, '');
    return found.startsWith('[') ? `[${text}]` : text;
  }
  const full = host.includes(':') ? '128' : '32';
  if (value % 3 === 0 && prefix === full) return `${otherAddress(host, value >> 2)}/${prefix}`;
  if (value % 3 === 1) {
    const other = pick(known(lines, /(?<= -[sd] )([0-9a-f.:]+\/\d+)(?= )/gu), value >> 2);
    return other;
  }
  // Another prefix, and the host bits cleared: only whole groups are simple enough here.
  const groups = host.split('.');
  if (groups.length === 4 && Number(prefix) > 8) return `${groups.slice(0, 2).join('.')}.0.0/16`;
  return prefix === full && !host.includes('::') ? undefined : `${host.replace(/::.*$/u, '::')}/32`;
}

const CHANGES: { readonly [K in MutationKind]: Change } = {
  drop: { fits: () => true, apply: (lines, at) => lines.filter((_, i) => i !== at) },
  swap: {
    fits: () => true,
    apply: (lines, at) => {
      const next = siblings(lines, at).find((i) => i > at);
      if (next === undefined) return undefined;
      return withLine(withLine(lines, at, lines[next] ?? ''), next, lines[at] ?? '');
    },
  },
  duplicate: {
    fits: () => true,
    apply: (lines, at, { place }) => lines.toSpliced((pick(siblings(lines, at), place) ?? at) + 1, 0, lines[at] ?? ''),
  },
  move: {
    fits: () => true,
    apply: (lines, at, { place }) => {
      const without = lines.filter((_, i) => i !== at);
      const to = pick(siblings(lines, at), place) ?? at;
      return without.toSpliced(to, 0, lines[at] ?? '');
    },
  },
  address: {
    ...whole(NETWORK_OR_TO),
    apply: (lines, at, m) =>
      replaceOne(lines, at, m, NETWORK_OR_TO, (found) => addressChange(found[0], lines, m.value)),
  },
  port: {
    ...whole(PORT),
    apply: (lines, at, m) => {
      const others = known(lines, /(?:--dport |:)(\d+)(?: |$)/gu);
      return replaceOne(lines, at, m, PORT, ([port]) =>
        m.value % 2 === 0 ? String((Number(port) % 65_535) + 1) : pick(others, m.value >> 1),
      );
    },
  },
  probability: {
    ...whole(/--probability /gu),
    apply: (lines, at, m) => {
      const chances = [
        '0.10000000009',
        '0.20000000019',
        '0.33333333349',
        '0.50000000000',
        '0.25000000000',
        '1.00000000000',
        '0.50000099977',
      ];
      if (m.value % 4 === 0)
        return replaceOne(lines, at, m, / -m statistic --mode random --probability \S+/gu, () => '');
      return replaceOne(lines, at, m, /(?<=--probability )\S+/gu, () => pick(chances, m.value >> 2));
    },
  },
  mark: {
    ...whole(/--(?:set-x)?mark 0x/gu),
    apply: (lines, at, m) => {
      const marks = [
        '0x4000/0x4000',
        '0x8000/0x8000',
        '0x4000/0x0',
        '0x0/0x4000',
        '0x4000/0xffffffff',
        '0xc000/0xc000',
        '0x1/0x1',
        '0x0/0x0',
      ];
      return replaceOne(lines, at, m, /(?<=mark )0x[0-9a-f]+\/0x[0-9a-f]+/gu, () => pick(marks, m.value));
    },
  },
  target: {
    fits: (line) => / -j [A-Z]/u.test(line),
    apply: (lines, at, m) => {
      const table = tableAt(lines, at);
      const own = lines.flatMap((line, i) =>
        line.startsWith(':KUBE-') && tableAt(lines, i) === table ? [/^:(\S+)/u.exec(line)?.[1] ?? ''] : [],
      );
      // The kernel's table nat takes no DROP.
      const verdicts = table === 'nat' ? ['ACCEPT', 'RETURN'] : ['ACCEPT', 'RETURN', 'DROP'];
      return replaceOne(
        lines,
        at,
        m,
        / -j .*$/gu,
        () => ` -j ${pick(m.value % 3 === 0 ? verdicts : own, m.value >> 2) ?? 'RETURN'}`,
      );
    },
  },
  negation: {
    ...whole(/ (?:! )?(?:-[sdi]|--ctstate|--mark) /gu),
    apply: (lines, at, m) =>
      replaceOne(lines, at, m, / (! )?(-[sdi]|--ctstate|--mark) /gu, ([, not, option]) =>
        not === undefined ? ` ! ${option} ` : ` ${option} `,
      ),
  },
  protocol: {
    ...whole(/ -p (?:tcp|udp|sctp) /gu),
    apply: (lines, at, m) => {
      const line = lines[at] ?? '';
      const old = / -p (tcp|udp|sctp) /u.exec(line)?.[1] ?? '';
      const other =
        pick(
          ['tcp', 'udp', 'sctp'].filter((p) => p !== old),
          m.value,
        ) ?? old;
      return withLine(lines, at, line.replace(` -p ${old} `, ` -p ${other} `).replace(` -m ${old} `, ` -m ${other} `));
    },
  },
  recent: {
    ...whole(/ -m recent /gu),
    apply: (lines, at, m) => {
      const lists = known(lines, /--name (\S+)/gu);
      if (m.value % 3 === 0) return replaceOne(lines, at, m, / -m recent .*--rsource/gu, () => '');
      if (m.value % 3 === 1)
        return replaceOne(lines, at, m, /(?<=--seconds )\d+/gu, ([old]) => String(Number(old) + 60));
      return replaceOne(lines, at, m, /(?<=--name )\S+/gu, () => pick(lists, m.value >> 2));
    },
  },
  state: {
    ...whole(/--ctstate /gu),
    apply: (lines, at, m) => {
      if (m.value % 2 === 0) return replaceOne(lines, at, m, / -m conntrack (?:! )?--ctstate \S+/gu, () => '');
      const states = ['NEW', 'INVALID', 'RELATED,ESTABLISHED', 'ESTABLISHED', 'NEW,ESTABLISHED', 'DNAT'];
      return replaceOne(lines, at, m, /(?<=--ctstate )\S+/gu, () => pick(states, m.value >> 1));
    },
  },
};

/** iptables-restore refuses chains that lead back to themselves, and jumps to what is not there. */
function hasCircle(lines: readonly string[]): boolean {
  const jumps = new Map<string, string[]>();
  let table = '';
  for (const line of lines) {
    if (line.startsWith('*')) table = line;
    const [, from, to] = /^-A (\S+) .*-j (\S+)/u.exec(line) ?? [];
    if (from === undefined || to === undefined) continue;
    const key = `${table} ${from}`;
    jumps.set(key, [...(jumps.get(key) ?? []), `${table} ${to}`]);
  }
  const done = new Set<string>();
  const leadsBack = (chain: string, above: ReadonlySet<string>): boolean => {
    if (above.has(chain)) return true;
    if (done.has(chain)) return false;
    done.add(chain);
    return (jumps.get(chain) ?? []).some((next) => leadsBack(next, new Set([...above, chain])));
  };
  return [...jumps.keys()].some((chain) => leadsBack(chain, new Set()));
}

/** DNAT works in PREROUTING and OUTPUT only, MASQUERADE in POSTROUTING; rules that lead them elsewhere are not loaded. */
function translatesElsewhere(lines: readonly string[]): boolean {
  const jumps = new Map<string, string[]>();
  const from = lines.findIndex((line) => line === '*nat');
  for (const line of lines.slice(from)) {
    const [, chain, to] = /^-A (\S+) .*-j (\S+)/u.exec(line) ?? [];
    if (chain !== undefined && to !== undefined) jumps.set(chain, [...(jumps.get(chain) ?? []), to]);
  }
  const reached = (start: string): ReadonlySet<string> => {
    const seen = new Set<string>();
    const todo = [start];
    for (let chain = todo.pop(); chain !== undefined; chain = todo.pop()) {
      if (!seen.has(chain)) todo.push(...(jumps.get(chain) ?? []));
      seen.add(chain);
    }
    return seen;
  };
  return ['PREROUTING', 'OUTPUT'].some((hook) => reached(hook).has('MASQUERADE')) || reached('POSTROUTING').has('DNAT');
}

/** Addresses and ports that rules name, for packets that try them all. */
export function namedIn(text: string): { readonly addresses: readonly string[]; readonly ports: readonly number[] } {
  const lines = text.split('\n');
  const addresses = new Set([...known(lines, ADDRESS), ...known(lines, TO).map((host) => host.replace(/[[\]]/gu, ''))]);
  const ports = new Set(
    [...known(lines, /--dport (\d+)/gu), ...known(lines, /--to-destination \S+:(\d+)/gu)].map(Number),
  );
  return { addresses: [...addresses].sort(), ports: [...ports].sort((a, b) => a - b) };
}
