/** What must hold of every plan, checked on a model of the kernel's tables. */
import { splitSave } from '../../src/core/parse/iptables-save/split-save.ts';
import { invertFamily } from '../../src/core/plan/invert-change.ts';
import { planFamily } from '../../src/core/plan/plan-family.ts';
import type { ChainChange, FamilyPlan } from '../../src/core/plan/plan.ts';
import { restorePayload } from '../../src/core/plan/restore-payload.ts';
import type { SavedRules } from '../../src/core/ruleset/saved-rules.ts';
import type { PlannedFamily } from './golden-plan.ts';
import { planOptions } from './plan-options.ts';
import { RestoreModel } from './restore-model.ts';

/** Each law that does not hold, in words. */
export function planLawFaults({ current, desired }: PlannedFamily, plan: FamilyPlan): readonly string[] {
  const faults: string[] = [];
  for (const listFirst of [false, true]) {
    const node = new RestoreModel(current);
    const before = node.save();
    node.load(restorePayload(plan.changes, { listFirst }));
    const after = splitSave(node.save()).saved;
    const again = planFamily(after, desired, planOptions);
    if (again.changes.length > 0) faults.push(`is not done after it was carried out: ${JSON.stringify(again.changes)}`);
    faults.push(...foreignFaults(splitSave(before).saved, after, plan.changes));
    node.load(restorePayload(invertFamily(plan, 'test').changes, { listFirst }));
    if (node.save() !== before) faults.push(`taken back it gives\n${node.save()}\ninstead of\n${before}`);
  }
  return faults;
}

const OWN_TABLES: Readonly<Record<string, RegExp>> = {
  nat: /^KUBE-(?:(?:SVC|SVL|SEP|FW|EXT|XLB)-.*|SERVICES|NODEPORTS|POSTROUTING|MARK-MASQ|PROXY-CANARY|LOAD-BALANCER|NODE-PORT|FIREWALL)$/,
  filter:
    /^KUBE-(?:SERVICES|NODEPORTS|EXTERNAL-SERVICES|PROXY-FIREWALL|FORWARD|PROXY-CANARY|NODE-PORT|SOURCE-RANGES-FIREWALL|IPVS-(?:OUT-)?FILTER)$/,
  mangle: /^KUBE-PROXY-CANARY$/,
};

/** Rules that are not kube-proxy's, with their chains and in their order; a rule that leads to our chains may be somebody's. */
function foreignRules(saved: SavedRules): readonly string[] {
  return saved.tables.flatMap(({ name: table, chains }) =>
    [...chains.values()].flatMap(({ name, policy, rules }) => {
      if (OWN_TABLES[table]?.test(name) === true) return [];
      if (name === 'KUBE-FIREWALL') return rules.split('\n').filter((rule) => rule.includes('0x8000'));
      const lines = rules.split('\n').filter((rule) => !jumpsToOurs(table, rule));
      return [`${table} ${name} ${policy}`, ...lines];
    }),
  );
}

/** Conditions of kube-proxy's own jumps in built-in chains; with any other, a rule is somebody's. */
const PROXY_JUMP =
  /^-A \S+(?: -m (?:comment --comment \S+|conntrack --ctstate NEW|state --state NEW|addrtype --dst-type LOCAL))* -j (\S+)$/;
const ENTRIES: Readonly<Record<string, RegExp>> = {
  nat: /^KUBE-(?:SERVICES|NODEPORTS|POSTROUTING|(?:PORTALS|NODEPORT)-(?:CONTAINER|HOST))$/,
  filter:
    /^KUBE-(?:SERVICES|NODEPORTS|EXTERNAL-SERVICES|PROXY-FIREWALL|FORWARD|FIREWALL|NODE-PORT|IPVS-(?:OUT-)?FILTER)$/,
};

function jumpsToOurs(table: string, rule: string): boolean {
  const target = PROXY_JUMP.exec(rule.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""'))?.[1] ?? '';
  return ENTRIES[table]?.test(target) === true;
}

function foreignFaults(before: SavedRules, after: SavedRules, changes: readonly ChainChange[]): readonly string[] {
  const [old, now] = [foreignRules(before).join('\n'), foreignRules(after).join('\n')];
  const foreign = changes.flatMap((change) =>
    change.kind === 'edit-chain' && change.chain !== 'KUBE-FIREWALL'
      ? change.edits.filter(({ rule }) => !jumpsToOurs(change.table, rule))
      : [],
  );
  return [
    ...(old === now ? [] : [`rules of others were\n${old}\nand are\n${now}`]),
    ...foreign.map(({ rule }) => `moves a rule of somebody else: ${rule}`),
  ];
}
