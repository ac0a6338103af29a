import type { Diagnostic } from '../../core/diag/diagnostic.ts';
import type { IpvsPlan } from '../../core/plan/ipvs/ipvs-plan.ts';
import type { IpvsState } from '../../core/plan/ipvs/ipvs-state.ts';
import { knownChanges, offlineState } from '../../core/plan/ipvs/offline-state.ts';
import { planIpvs } from '../../core/plan/ipvs/plan-ipvs.ts';
import type { FamilyPlan } from '../../core/plan/plan.ts';
import type { CompiledRules } from '../../core/ruleset/compiled-rules.ts';
import type { Observation } from '../../host/iptables/observe.ts';
import { readIpSets } from '../../host/sources/read-ipsets.ts';
import { readIpvs } from '../../host/sources/read-ipvs.ts';

export interface OfflineIpvs {
  readonly plan?: IpvsPlan;
  readonly state?: IpvsState;
  readonly diagnostics: readonly Diagnostic[];
  /** What is not compared, as lines for people. */
  readonly note: string;
}

export interface OfflineRules {
  readonly families: readonly FamilyPlan[];
  readonly observed: readonly Observation[];
  readonly desired: readonly CompiledRules[];
}

/** Compares with dumps of virtual servers (--ipvs) and sets (--ipset), as far as there are any. */
export async function planIpvsOffline(
  flags: { readonly ipvs?: string; readonly ipset?: string },
  { families, observed, desired }: OfflineRules,
): Promise<OfflineIpvs> {
  const servers = flags.ipvs === undefined ? undefined : await readIpvs(flags.ipvs);
  const sets = flags.ipset === undefined ? undefined : await readIpSets(flags.ipset);
  const diagnostics = [...(servers?.diagnostics ?? []), ...(sets?.diagnostics ?? [])];
  const note = desired.some(({ ipvs }) => ipvs !== undefined) ? missingNote(flags) : '';
  if (servers === undefined && sets === undefined) return { diagnostics, note };
  const dumps = { servers: servers?.table, sets: sets?.sets };
  const state = offlineState(dumps);
  const planned = desired.filter(({ family }) => observed.some((one) => one.family === family));
  const rules = families.flatMap((plan) => {
    const saved = observed.find(({ family }) => family === plan.family)?.saved;
    return saved === undefined ? [] : [{ plan, saved }];
  });
  return { plan: knownChanges(planIpvs(state, planned, rules), dumps), state, diagnostics, note };
}

function missingNote({ ipvs, ipset }: { readonly ipvs?: string; readonly ipset?: string }): string {
  const missing = [
    ...(ipvs === undefined ? ['virtual servers are not compared: --ipvs FILE names what ipvsadm -Sn printed'] : []),
    ...(ipset === undefined ? ['sets are not compared: --ipset FILE names what ipset save printed'] : []),
  ];
  return missing.map((line) => `note: ${line}\n`).join('');
}
