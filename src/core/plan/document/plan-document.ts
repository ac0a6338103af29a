import type { IpFamily } from '../../model/ip.ts';
import type { ChainChange, ChainContent, FamilyPlan, Plan, RuleEdit, SysctlChange } from '../plan.ts';
import { ruleLines } from '../rule-lines.ts';
import { ipvsPlanData, type IpvsPlanData } from './ipvs-data.ts';
import type { FamilySummary, SummaryItem } from '../summary/summary.ts';

export const PLAN_API_VERSION = 'chainsmith/v1';
export const PLAN_KIND = 'Plan';

/** Of the rules of each family (`fingerprint`), and of what IPVS has (`ipvsFingerprint`) if the plan is about that as well. */
export type Fingerprints = Readonly<Partial<Record<IpFamily | 'ipvs', string>>>;

/** A plan with all that is needed to carry it out later, or to refuse that because the node has changed. */
export interface PlanDocument {
  /** The Kubernetes Node that the rules are for. */
  readonly node?: string | undefined;
  /** Which of iptables' two kinds of tables the node has. */
  readonly variant: 'nft' | 'legacy';
  /** Parts of the input were faulty: what could not be read would go. False where nothing is said. */
  readonly incomplete?: boolean;
  /** Of what the node had when the plan was made. */
  readonly fingerprint: Fingerprints;
  readonly plan: Plan;
  readonly summaries: readonly FamilySummary[];
}

/** What `chainsmith plan -o json` prints and `--out` writes; docs/plan.md has each field. Fields are added, never renamed. */
export interface PlanDocumentData {
  readonly apiVersion: typeof PLAN_API_VERSION;
  readonly kind: typeof PLAN_KIND;
  readonly node?: string;
  readonly variant: 'nft' | 'legacy';
  readonly incomplete?: true;
  readonly fingerprint: Fingerprints;
  readonly summary: readonly SummaryData[];
  readonly families: readonly FamilyData[];
  readonly sysctls: readonly SysctlChange[];
  readonly nfacct: readonly string[];
  /** Left out where the plan is about rules alone. */
  readonly ipvs?: IpvsPlanData;
}

export interface SummaryData extends SummaryItem {
  readonly family: IpFamily;
}

export interface FamilyData {
  readonly family: IpFamily;
  readonly changes: readonly ChangeData[];
  readonly notes: readonly string[];
}

export interface ChangeData {
  readonly kind: ChainChange['kind'];
  readonly table: string;
  readonly chain: string;
  readonly service?: string;
  readonly reason: string;
  readonly previous?: ContentData;
  readonly next?: ContentData;
  readonly edits?: readonly RuleEdit[];
}

export interface ContentData {
  /** One `-A` line each. */
  readonly rules: readonly string[];
  /** `[packets:bytes]` of each rule, `` where it is not known. */
  readonly counters?: readonly string[];
}

export function planDocumentData(document: PlanDocument): PlanDocumentData {
  const { node, variant, incomplete = false, fingerprint, plan, summaries } = document;
  return {
    apiVersion: PLAN_API_VERSION,
    kind: PLAN_KIND,
    ...(node === undefined ? {} : { node }),
    variant,
    ...(incomplete ? { incomplete } : {}),
    fingerprint,
    summary: summaries.flatMap(({ family, items }) => items.map((item) => ({ family, ...item }))),
    families: plan.families.map(familyData),
    sysctls: plan.sysctls,
    nfacct: plan.nfacct,
    ...(plan.ipvs === undefined ? {} : { ipvs: ipvsPlanData(plan.ipvs) }),
  };
}

/** JSON with two blanks of indentation and a newline at the end. */
export function printPlanDocument(document: PlanDocument): string {
  return `${JSON.stringify(planDocumentData(document), null, 2)}\n`;
}

function familyData({ family, changes, notes }: FamilyPlan): FamilyData {
  return { family, changes: changes.map(changeData), notes };
}

export function changeData(change: ChainChange): ChangeData {
  const { kind, table, chain, service, reason } = change;
  return {
    kind,
    table,
    chain,
    ...(service === undefined ? {} : { service }),
    reason,
    ...(change.kind === 'create-chain' ? {} : { previous: contentData(change.previous) }),
    ...(change.kind === 'delete-chain' ? {} : { next: contentData(change.next) }),
    ...(change.kind === 'edit-chain' ? { edits: change.edits } : {}),
  };
}

function contentData({ rules, counters }: ChainContent): ContentData {
  return { rules: ruleLines(rules), ...(counters === undefined ? {} : { counters }) };
}
