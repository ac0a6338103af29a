// From where kube-proxy's chains must be reached, and what stands before those jumps.
import type { RulesetRule } from '../../ruleset/ruleset.ts';
import type { DumpView } from './dump-view.ts';
import { endsChain, isUnconditional, jumpOf } from './rule-facts.ts';
import type { TableView } from './table-view.ts';

export interface EntryJump {
  readonly table: 'nat' | 'filter';
  readonly hook: string;
  readonly chain: string;
}

const NAT: readonly EntryJump[] = [
  { table: 'nat', hook: 'PREROUTING', chain: 'KUBE-SERVICES' },
  { table: 'nat', hook: 'OUTPUT', chain: 'KUBE-SERVICES' },
  { table: 'nat', hook: 'POSTROUTING', chain: 'KUBE-POSTROUTING' },
];

/** kube-proxy 1.25 and newer in iptables mode, which have KUBE-PROXY-FIREWALL; older ones jump from fewer places. */
const FILTER: readonly EntryJump[] = [
  { table: 'filter', hook: 'INPUT', chain: 'KUBE-EXTERNAL-SERVICES' },
  { table: 'filter', hook: 'FORWARD', chain: 'KUBE-EXTERNAL-SERVICES' },
  { table: 'filter', hook: 'INPUT', chain: 'KUBE-NODEPORTS' },
  { table: 'filter', hook: 'FORWARD', chain: 'KUBE-SERVICES' },
  { table: 'filter', hook: 'OUTPUT', chain: 'KUBE-SERVICES' },
  { table: 'filter', hook: 'FORWARD', chain: 'KUBE-FORWARD' },
  { table: 'filter', hook: 'INPUT', chain: 'KUBE-PROXY-FIREWALL' },
  { table: 'filter', hook: 'OUTPUT', chain: 'KUBE-PROXY-FIREWALL' },
  { table: 'filter', hook: 'FORWARD', chain: 'KUBE-PROXY-FIREWALL' },
];

/** Written by the kubelet as well, in all versions. */
const FIREWALL: readonly EntryJump[] = [
  { table: 'filter', hook: 'INPUT', chain: 'KUBE-FIREWALL' },
  { table: 'filter', hook: 'OUTPUT', chain: 'KUBE-FIREWALL' },
];

/** The jumps that the rules of this dump need. */
export function neededJumps(dump: DumpView): readonly EntryJump[] {
  const isModern = dump.modes.has('iptables') && dump.table('filter')?.has('KUBE-PROXY-FIREWALL') === true;
  return [...(dump.modes.size > 0 ? NAT : []), ...(isModern ? FILTER : []), ...FIREWALL];
}

/** Chains that begin the way through kube-proxy's rules. */
export function isEntry(chain: string | undefined): boolean {
  return chain !== undefined && ENTRIES.has(chain);
}

const ENTRIES: ReadonlySet<string> = new Set([...NAT, ...FILTER, ...FIREWALL].map(({ chain }) => chain));

/** The first rule of a chain that every packet ends at, with the rules behind it. */
export function stopIn(
  table: TableView,
  chain: string,
): { readonly stop: RulesetRule; readonly behind: readonly RulesetRule[] } | undefined {
  const rules = table.rules(chain);
  const at = rules.findIndex((rule) => stopsAll(table, rule));
  const stop = rules[at];
  return stop === undefined ? undefined : { stop, behind: rules.slice(at + 1) };
}

/** Whether no packet comes past the rule; also where it jumps to a chain that begins with such a rule. */
function stopsAll(table: TableView, { rule }: RulesetRule): boolean {
  if (!isUnconditional(rule)) return false;
  if (endsChain(rule.target)) return true;
  const to = jumpOf(rule);
  const [first] = to === undefined ? [] : table.rules(to);
  if (first === undefined || !isUnconditional(first.rule)) return false;
  return endsChain(first.rule.target) && first.rule.target.kind !== 'return' && first.rule.target.kind !== 'goto';
}
