/** What every compiled rule set must satisfy whatever the input; see golden/README.md. */
import { readRules, wordAfter, type RulesTables } from './golden-rules.ts';

/** The built-in chains, and all that chainsmith puts into them. Written down here a second time on purpose. */
const BUILT_IN: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  mangle: { PREROUTING: [], INPUT: [], FORWARD: [], OUTPUT: [], POSTROUTING: [] },
  filter: {
    INPUT: ['KUBE-FIREWALL', 'NEW KUBE-PROXY-FIREWALL', 'KUBE-NODEPORTS', 'NEW KUBE-EXTERNAL-SERVICES'],
    FORWARD: ['NEW KUBE-PROXY-FIREWALL', 'KUBE-FORWARD', 'NEW KUBE-SERVICES', 'NEW KUBE-EXTERNAL-SERVICES'],
    OUTPUT: ['KUBE-FIREWALL', 'NEW KUBE-PROXY-FIREWALL', 'NEW KUBE-SERVICES'],
  },
  nat: {
    PREROUTING: ['KUBE-SERVICES'],
    INPUT: [],
    OUTPUT: ['KUBE-SERVICES'],
    POSTROUTING: ['KUBE-POSTROUTING'],
  },
};

/** Chains that every node has. True: it may be empty. */
const FIXED: Readonly<Record<string, Readonly<Record<string, boolean>>>> = {
  mangle: { 'KUBE-PROXY-CANARY': true },
  filter: {
    'KUBE-EXTERNAL-SERVICES': true,
    'KUBE-FIREWALL': true,
    'KUBE-FORWARD': false,
    'KUBE-NODEPORTS': true,
    'KUBE-PROXY-CANARY': true,
    'KUBE-PROXY-FIREWALL': true,
    'KUBE-SERVICES': true,
  },
  nat: {
    'KUBE-MARK-MASQ': false,
    'KUBE-NODEPORTS': true,
    'KUBE-POSTROUTING': false,
    'KUBE-PROXY-CANARY': true,
    'KUBE-SERVICES': true,
  },
};

const OWN_CHAIN = /^KUBE-(SVC|SVL|EXT|FW|SEP)-[A-Z2-7]{16}$/u;
const VERDICTS = new Set(['ACCEPT', 'DROP', 'REJECT', 'RETURN', 'MARK', 'MASQUERADE', 'DNAT']);

/** No jump to a missing or empty chain, no chain of a Service that nothing jumps to, chains in iptables-save's order. */
export function structureFaults(text: string): readonly string[] {
  const faults: string[] = [];
  for (const [table, chains] of readRules(text)) {
    const used = new Set<string>();
    for (const chain of chains.values()) {
      for (const [i, rule] of chain.rules.entries()) {
        const target = wordAfter(rule, '-j');
        if (target === undefined || VERDICTS.has(target)) continue;
        used.add(target);
        const to = chains.get(target);
        if (to === undefined) faults.push(`${table}: jump to a missing chain: ${chain.lines[i] ?? ''}`);
        else if (to.rules.length === 0 && FIXED[table]?.[target] !== true) {
          faults.push(`${table}: jump to an empty chain: ${chain.lines[i] ?? ''}`);
        }
      }
    }
    for (const name of chains.keys()) {
      const needsNoJump = name in (BUILT_IN[table] ?? {}) || name in (FIXED[table] ?? {});
      if (!needsNoJump && !used.has(name)) faults.push(`${table}: nothing jumps to ${name}`);
    }
    const own = [...chains.keys()].filter((name) => name.startsWith('KUBE-'));
    if (own.join() !== own.toSorted().join()) faults.push(`${table}: chains are not in the order of their names`);
  }
  return faults;
}

/** The tables of the rules, the fixed chains, chains with kube-proxy's names and nothing else; in built-in chains only the fixed jumps. */
export function foreignFaults(text: string): readonly string[] {
  const tables = readRules(text);
  const faults: string[] = [];
  if ([...tables.keys()].join() !== 'mangle,filter,nat') faults.push(`the tables are ${[...tables.keys()].join()}`);
  for (const [table, chains] of tables) {
    for (const name of [...Object.keys(BUILT_IN[table] ?? {}), ...Object.keys(FIXED[table] ?? {})]) {
      if (!chains.has(name)) faults.push(`${table}: ${name} is missing`);
    }
    for (const { name, policy } of chains.values()) {
      const builtIn = name in (BUILT_IN[table] ?? {});
      const allowed = builtIn || name in (FIXED[table] ?? {}) || (table === 'nat' && OWN_CHAIN.test(name));
      if (!allowed) faults.push(`${table}: a foreign chain ${name}`);
      if (policy !== (builtIn ? 'ACCEPT' : '-')) faults.push(`${table}: ${name} has the policy ${policy}`);
    }
  }
  return [...faults, ...builtInFaults(tables)];
}

function builtInFaults(tables: RulesTables): readonly string[] {
  return Object.entries(BUILT_IN).flatMap(([table, chains]) =>
    Object.entries(chains).flatMap(([name, jumps]) => {
      const rules = tables.get(table)?.get(name)?.rules ?? [];
      const found = rules.map((words) => {
        const state = words.slice(0, 4).join(' ') === '-m conntrack --ctstate NEW' ? 'NEW ' : '';
        return `${state}${wordAfter(words, '-j') ?? 'no target'}`;
      });
      const narrowed = rules.filter((words) => words.some((w) => ['-s', '-d', '-i', '-o', '-p', '!'].includes(w)));
      return found.join() === jumps.join() && narrowed.length === 0
        ? []
        : [`${table}: ${name} holds ${found.join(', ')}`];
    }),
  );
}
