// What would change on this node: reads its rules, settings and nfacct objects, and compares them with what was compiled.
import { canonicalRule } from '../../core/parse/iptables-save/canonical-rule.ts';
import { parseRule } from '../../core/parse/iptables-save/parse-rule.ts';
import type { IpvsPlan } from '../../core/plan/ipvs/ipvs-plan.ts';
import type { IpvsState } from '../../core/plan/ipvs/ipvs-state.ts';
import { planIpvs } from '../../core/plan/ipvs/plan-ipvs.ts';
import { planFamily, type PlanOptions } from '../../core/plan/plan-family.ts';
import type { Plan, SysctlChange } from '../../core/plan/plan.ts';
import type { IpFamily } from '../../core/model/ip.ts';
import {
  ROUTE_LOCALNET,
  isTableName,
  type CompiledRules,
  type RequiredSysctl,
} from '../../core/ruleset/compiled-rules.ts';
import { sortedBy } from '../../core/util/order.ts';
import type { CommandRunner } from '../exec.ts';
import { HostError } from '../host-error.ts';
import { listNfacct } from '../nfacct.ts';
import { isKernelBetween } from '../kernel-release.ts';
import { readSysctl, readSysctls } from '../sysctl.ts';
import { observe, type Observation, type ObserveOptions } from './observe.ts';
import type { Variant } from './tools.ts';

const PARSER: PlanOptions = {
  canonical: canonicalRule,
  readRule: (line, family) => parseRule(line, family).rule,
};

export interface ObservedNode {
  readonly families: readonly Observation[];
  /** Kernel settings by key; why one could not be read matters only to a plan that needs it. */
  readonly sysctls: ReadonlyMap<string, string | Error>;
  /** How long the slowest reading took, in milliseconds. */
  readonly observeMs: number;
}

/** What iptables cannot see, it would take for empty. */
function refuseHidden(table: string): void {
  if (!isTableName(table)) return;
  throw new HostError(
    `the table ${table} holds rules of nft that iptables has no words for, so it cannot be compared`,
    {
      advice: `nft list table ip ${table} shows them; rules of one table are best written by iptables alone`,
    },
  );
}

/** Reads all families, and what else rules may need, at once. */
export async function observeNode(
  runner: CommandRunner,
  variant: Variant,
  families: readonly IpFamily[],
  options: ObserveOptions,
): Promise<ObservedNode> {
  const start = performance.now();
  const read = async (family: IpFamily): Promise<Observation> => ({
    family,
    saved: await observe(runner, variant, family, { ...options, onHiddenTable: refuseHidden }),
  });
  const sysctls = readLocalnet(runner);
  const observed = await Promise.all(families.map(read));
  return { families: observed, sysctls: await sysctls, observeMs: performance.now() - start };
}

async function readLocalnet(runner: CommandRunner): Promise<ReadonlyMap<string, string | Error>> {
  const value = await readSysctl(runner, ROUTE_LOCALNET).catch((error: unknown) => {
    if (error instanceof Error) return error;
    throw error;
  });
  return new Map([[ROUTE_LOCALNET, value]]);
}

/** @param ipvs what the node has of the ipvs mode, if it has to do with that */
export async function planNode(
  runner: CommandRunner,
  { families: observed, sysctls }: Pick<ObservedNode, 'families' | 'sysctls'>,
  desired: readonly CompiledRules[],
  ipvs?: IpvsState,
): Promise<Plan> {
  const families = planFamilies(observed, desired);
  const settings = [
    ...(await planSysctls(runner, sysctls, desired)),
    ...localnetChange(families, sysctls.get(ROUTE_LOCALNET)),
  ];
  return {
    families,
    sysctls: sortedBy(settings, ({ key }) => key),
    nfacct: await planNfacct(runner, families),
    ...(ipvs === undefined ? {} : { ipvs: planObservedIpvs(ipvs, families, observed, desired) }),
  };
}

function planObservedIpvs(
  state: IpvsState,
  families: Plan['families'],
  observed: readonly Observation[],
  desired: readonly CompiledRules[],
): IpvsPlan {
  const planned = desired.filter(({ family }) => observed.some((o) => o.family === family));
  const rules = families.flatMap((plan) => {
    const saved = observed.find((o) => o.family === plan.family)?.saved;
    return saved === undefined ? [] : [{ plan, saved }];
  });
  return planIpvs(state, planned, rules);
}

/** Families that were not observed are not planned. */
export function planFamilies(observed: readonly Observation[], desired: readonly CompiledRules[]): Plan['families'] {
  return desired.flatMap((rules) => {
    const found = observed.find(({ family }) => family === rules.family);
    return found === undefined ? [] : [planFamily(found.saved, rules, PARSER)];
  });
}

/** Both families may need the same. */
async function planSysctls(
  runner: CommandRunner,
  observed: ReadonlyMap<string, string | Error>,
  desired: readonly CompiledRules[],
): Promise<readonly SysctlChange[]> {
  const all = desired.flatMap((rules) => rules.sysctls);
  const needed = new Map(all.filter(isMeant).map((sysctl) => [sysctl.key, sysctl]));
  const found = await readSysctls(
    runner,
    [...needed.keys()].filter((key) => !observed.has(key)),
  );
  return [...needed.values()].flatMap(({ key, value, purpose }): readonly SysctlChange[] => {
    const previous = observed.get(key) ?? found.get(key) ?? '';
    if (previous instanceof Error) throw previous;
    return previous === value ? [] : [{ key, previous, next: value, reason: purpose }];
  });
}

function isMeant({ kernels }: RequiredSysctl): boolean {
  return kernels === undefined || isKernelBetween(kernels);
}

/** Without KUBE-FIREWALL neighbours would reach what listens on 127.0.0.1 (CVE-2020-8558), and in ipvs mode nothing else needs the setting. */
function localnetChange(families: Plan['families'], previous: string | Error | undefined): readonly SysctlChange[] {
  const losesFirewall = families.some(({ family, changes }) =>
    changes.some(({ kind, chain }) => family === 'ipv4' && kind === 'delete-chain' && chain === 'KUBE-FIREWALL'),
  );
  if (!losesFirewall || previous !== '1') return [];
  return [{ key: ROUTE_LOCALNET, previous, next: '0', reason: 'the chain goes that keeps neighbours from 127.0.0.1' }];
}

/** Asked for only where new rules count: what a rule on the node counts with is there, and most kernels and nodes have no nfacct. */
async function planNfacct(runner: CommandRunner, planned: Plan['families']): Promise<readonly string[]> {
  const names = new Set<string>();
  for (const change of planned.flatMap((family) => family.changes)) {
    if ('next' in change) for (const name of nfacctNames(change.next.rules)) names.add(name);
  }
  if (names.size === 0) return [];
  const present = await listNfacct(runner);
  return [...names].filter((name) => !present.includes(name)).sort();
}

const NONE: readonly string[] = [];

function nfacctNames(rules: string): readonly string[] {
  if (!rules.includes('--nfacct-name')) return NONE;
  return [...rules.matchAll(/ --nfacct-name +(\S+)/g)].map((match) => match[1] ?? '');
}
