// What a node has, as text that can be compared: every chain, policy, rule, setting and nfacct object. Counters of rules of others
// belong to it. Those of ours do not: no packet runs in these tests but what others counted is put there on purpose.
import { splitSave } from '../../../src/core/parse/iptables-save/split-save.ts';
import { targetOf } from '../../../src/core/plan/rule-lines.ts';
import type { SavedChain } from '../../../src/core/ruleset/saved-rules.ts';
import type { CommandRunner } from '../../../src/host/exec.ts';
import { toolsOf, type Variant } from '../../../src/host/iptables/tools.ts';
import { FAMILIES } from './cluster.ts';

export const ROUTE_LOCALNET = 'net.ipv4.conf.all.route_localnet';

/** By `family table chain`, `sysctl`, and `nfacct name`; values are lines. */
export type NodeState = ReadonlyMap<string, string>;

/** What stands between the parts of one answer. */
const MARK = '== chainsmith test ==';

/** By one process: there are thousands of these readings. */
export async function readState(runner: CommandRunner, variant: Variant): Promise<NodeState> {
  const saves = FAMILIES.map((family) => `${toolsOf(variant, family).save} -c`);
  const commands = [...saves, `cat /proc/sys/${ROUTE_LOCALNET.replaceAll('.', '/')}`, 'nfacct list'];
  const { stdout } = await runner.run('sh', ['-ec', commands.join(`; echo '${MARK}'; `)], { timeoutMs: 60_000 });
  const [ipv4, ipv6, setting, counters] = stdout.split(`${MARK}\n`);
  if (counters === undefined) throw new Error(`a part is missing: ${stdout}`);
  const state = new Map<string, string>();
  for (const [family, dump] of Object.entries({ ipv4, ipv6 })) readDump(state, family, dump ?? '', variant);
  state.set('sysctl', (setting ?? '').trim());
  // Each is made by itself, so each is one of its own.
  for (const [, name] of counters.matchAll(/\} = ([^\s;]+)/g)) state.set(`nfacct ${name}`, 'there');
  return new Map([...state].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function readDump(state: Map<string, string>, family: string, dump: string, variant: Variant): void {
  const tables = dump === '' ? [] : splitSave(dump).saved.tables;
  for (const table of tables) {
    for (const chain of table.chains.values()) {
      const text = chainText(chain, variant);
      if (text.trim() !== 'ACCEPT') state.set(`${family} ${table.name} ${chain.name}`, text);
    }
  }
}

/** KUBE-KUBELET-CANARY is the kubelet's. */
export function isOurs(name: string): boolean {
  return name.startsWith('KUBE-') && !name.startsWith('KUBE-KUBELET-');
}

/** iptables-legacy sets the packets counted by policies to zero whenever anything in the table changes, whoever changes it. */
function policyOf({ policy, counters = '' }: SavedChain, variant: Variant): string {
  return variant === 'legacy' || counters === '[0:0]' ? policy : `${policy} ${counters}`;
}

function chainText(chain: SavedChain, variant: Variant): string {
  const counters = chain.ruleCounters ?? [];
  const lines = chain.rules.split('\n').slice(0, -1);
  const rules = lines.map((line, i) => {
    const own = isOurs(chain.name) || isOurs(targetOf(line) ?? '');
    return own ? line : `${counters[i] ?? ''} ${line}`;
  });
  const head = isOurs(chain.name) ? chain.policy : policyOf(chain, variant);
  return [head, ...rules, ''].join('\n');
}

/** Without rules of ours: what no apply may touch, its order included. */
export function foreignPart(state: NodeState): NodeState {
  const foreign = [...state].flatMap(([key, text]): [string, string][] => {
    if (key === 'sysctl' || isNfacct(key) || isOurs(chainOf(key))) return [];
    const left = text.split('\n').filter((line) => line.startsWith('[') || !line.startsWith('-A '));
    const rest = left.join('\n');
    return rest.trim() === 'ACCEPT' ? [] : [[key, rest]];
  });
  return new Map(foreign);
}

/** Only rules of ours: our chains, and in chains of others our jumps, sorted, as their order among others is the planner's to judge. */
export function ownPart(state: NodeState): NodeState {
  const own = [...state].flatMap(([key, text]): [string, string][] => {
    if (key === 'sysctl' || isNfacct(key)) return [];
    if (isOurs(chainOf(key))) return [[key, text]];
    const jumps = text.split('\n').filter((line) => line.startsWith('-A '));
    return jumps.length === 0 ? [] : [[key, jumps.sort().join('\n')]];
  });
  return new Map(own);
}

function chainOf(key: string): string {
  return key.split(' ')[2] ?? '';
}

/** One line per difference; none if the states are the same to the letter. */
export function stateDifferences(expected: NodeState, actual: NodeState): readonly string[] {
  const keys = [...new Set([...expected.keys(), ...actual.keys()])].sort();
  return keys.flatMap((key) => {
    const [want, have] = [expected.get(key), actual.get(key)];
    return want === have ? [] : [`${key}:\n  expected ${show(want)}\n  found    ${show(have)}`];
  });
}

function show(text: string | undefined): string {
  return text === undefined ? '(nothing)' : text.trim().replaceAll('\n', '\n           ');
}

/** Without the counting objects, which stay when an apply is taken back: somebody may have read them meanwhile. */
export function withoutNfacct(state: NodeState): NodeState {
  return new Map([...state].filter(([key]) => !isNfacct(key)));
}

function isNfacct(key: string): boolean {
  return key.startsWith('nfacct ');
}
