/** Chains and rules of others, as docker, calico and people have them, and nastier: between ours, twice, and leading to ours. */
import * as fc from 'fast-check';
import { splitSave } from '../../src/core/parse/iptables-save/split-save.ts';
import type { SavedRules } from '../../src/core/ruleset/saved-rules.ts';

/** Rules of built-in chains, and of a chain of somebody else. */
export interface ForeignDump {
  /** Before our jumps. `TABLE CHAIN rule`. */
  readonly before: readonly string[];
  /** Behind our jumps. */
  readonly behind: readonly string[];
  /** Rules of nat DOCKER. */
  readonly docker: readonly string[];
  /** How often our jumps are there more than once, or lacking. */
  readonly damage: readonly { readonly chain: string; readonly copies: number }[];
  /** A foreign chain, and people's rules in OUTPUT, lead to the first chain of ours whose name begins so. */
  readonly leadsTo: string | undefined;
}

const BUILT_IN = [
  'nat PREROUTING',
  'nat OUTPUT',
  'nat POSTROUTING',
  'filter INPUT',
  'filter FORWARD',
  'filter OUTPUT',
  'mangle PREROUTING',
] as const;

const TEXTS = [
  '-m addrtype --dst-type LOCAL -j DOCKER',
  '-p tcp -m tcp --dport 80 -j ACCEPT',
  '-p udp -m multiport --dports 53,30001 -j RETURN',
  '-m comment --comment "a -j KUBE-SERVICES in \\"quotes\\"" -j LOG --log-prefix "-j KUBE-FORWARD "',
  '-m comment --comment -j -j ACCEPT',
  '-i lo -g DOCKER',
  '-s 10.0.0.0/8 -j MARK --set-xmark 0x4000/0x4000',
  '',
];

const LED_TO = ['KUBE-SVC-', 'KUBE-SEP-', 'KUBE-EXT-', 'KUBE-SERVICES', 'KUBE-MARK-MASQ'];

const rule = fc
  .tuple(fc.constantFrom(...BUILT_IN), fc.constantFrom(...TEXTS))
  .map(([place, text]) => `${place} ${text}`);
const dockerRule = fc.constantFrom(
  '-i docker0 -j RETURN',
  '! -i docker0 -p tcp -m tcp --dport 30001 -j DNAT --to-destination 172.17.0.2:80',
  '-p udp -j REDIRECT --to-ports 5353',
  '-d 127.0.0.0/8 -j RETURN',
);

export const foreignDumps: fc.Arbitrary<ForeignDump> = fc.record({
  before: fc.array(rule, { maxLength: 5 }),
  behind: fc.array(rule, { maxLength: 5 }),
  docker: fc.array(dockerRule, { maxLength: 4 }),
  damage: fc.array(fc.record({ chain: fc.constantFrom(...BUILT_IN), copies: fc.constantFrom(0, 2, 3) }), {
    maxLength: 3,
  }),
  leadsTo: fc.constantFrom(undefined, undefined, ...LED_TO),
});

/** A dump of our rules and of the others'. The chain DOCKER is in every table, empty but in nat. */
export function withForeign(ours: string, foreign: ForeignDump): SavedRules {
  const tables = new Map<string, string[]>();
  let table = '';
  for (const line of ours.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1);
    else if (line !== 'COMMIT' && line !== '') tables.set(table, [...(tables.get(table) ?? []), line]);
  }
  const text = ['mangle', 'filter', 'nat'].map((name) => tableText(name, tables.get(name) ?? [], foreign)).join('');
  return splitSave(text).saved;
}

function tableText(table: string, lines: readonly string[], foreign: ForeignDump): string {
  const declared = lines.filter((line) => line.startsWith(':'));
  const rules = foreign.damage.reduce(
    (all, { chain, copies }) => damaged(table, all, chain, copies),
    lines.filter((line) => line.startsWith('-A')),
  );
  const target =
    foreign.leadsTo === undefined ? undefined : declared.find((line) => line.startsWith(`:${foreign.leadsTo}`));
  const more = table === 'nat' && target !== undefined ? [`-A THEIRS -p tcp -j ${target.slice(1).split(' ')[0]}`] : [];
  const people =
    target === undefined || table !== 'nat'
      ? []
      : ['-d 203.0.113.7/32 -p tcp -m tcp --dport 443 -j', '-o lo -g'].map(
          (text) => `-A OUTPUT ${text} ${target.slice(1).split(' ')[0]}`,
        );
  const docker = table === 'nat' ? foreign.docker.map((text) => `-A DOCKER ${text}`) : [];
  const own = ['DOCKER', 'THEIRS'].map((name) => `:${name} - [0:0]`);
  const all = [
    ...place(table, foreign.before),
    ...rules,
    ...place(table, foreign.behind),
    ...people,
    ...docker,
    ...more,
  ];
  return `*${table}\n${[...declared, ...own, ...all].map((line) => `${line}\n`).join('')}COMMIT\n`;
}

function place(table: string, rules: readonly string[]): readonly string[] {
  return rules
    .filter((text) => text.startsWith(`${table} `))
    .map((text) => `-A ${text.slice(table.length + 1)}`.trimEnd());
}

/** The rules of a built-in chain as often as `copies` says. */
function damaged(table: string, rules: readonly string[], chain: string, copies: number): string[] {
  const [where = '', name = ''] = chain.split(' ');
  if (where !== table) return [...rules];
  const hit = (line: string): boolean => line.startsWith(`-A ${name} `);
  return [...rules.filter((line) => !hit(line)), ...Array.from({ length: copies }, () => rules.filter(hit)).flat()];
}
