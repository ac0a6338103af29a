import type { IpFamily } from '../model/ip.ts';
import type { IpvsPlan } from './ipvs/ipvs-plan.ts';

/**
 * What would change on a node, as a value: nothing is done by making it. Sorted: families, then tables in the order in which they are
 * loaded, built-in chains after ours, chains by name.
 */
export interface Plan {
  readonly families: readonly FamilyPlan[];
  /** Kernel settings of the network namespace, by key. */
  readonly sysctls: readonly SysctlChange[];
  /** nfacct objects to make, by name: a rule that counts into a missing one makes the whole restore fail. */
  readonly nfacct: readonly string[];
  /** Virtual servers, sets and addresses; undefined where neither the node nor its Services have to do with the ipvs mode. */
  readonly ipvs?: IpvsPlan | undefined;
}

export interface FamilyPlan {
  readonly family: IpFamily;
  readonly changes: readonly ChainChange[];
  /** What a person should know, and no change: chains of ours that cannot be removed and why. */
  readonly notes: readonly string[];
}

/** The rules of a chain as lines of iptables-save, each with a newline; and their counters, parallel to the lines, where they are known. */
export interface ChainContent {
  readonly rules: string;
  readonly counters?: readonly string[] | undefined;
}

interface Change {
  readonly table: string;
  readonly chain: string;
  /** `namespace/name:port` of the service port the chain belongs to, if it belongs to one. */
  readonly service?: string | undefined;
  /** One line, for people. */
  readonly reason: string;
}

export interface CreateChain extends Change {
  readonly kind: 'create-chain';
  readonly next: ChainContent;
}

export interface ReplaceChain extends Change {
  readonly kind: 'replace-chain';
  readonly previous: ChainContent;
  readonly next: ChainContent;
}

export interface DeleteChain extends Change {
  readonly kind: 'delete-chain';
  readonly previous: ChainContent;
}

/** A chain that others write too, a built-in one above all: only our rules in it come and go, one by one. */
export interface EditChain extends Change {
  readonly kind: 'edit-chain';
  /** All rules of the chain, those of others included. */
  readonly previous: ChainContent;
  readonly next: ChainContent;
  /** In this order. */
  readonly edits: readonly RuleEdit[];
}

export type ChainChange = CreateChain | ReplaceChain | DeleteChain | EditChain;

/** `delete` takes away the first rule that is spelled so; numbers would hit another rule if somebody else had just inserted one. */
export interface RuleEdit {
  readonly kind: 'delete' | 'insert';
  /** `-A CHAIN ...`, no newline. */
  readonly rule: string;
  /** 1-based place of an inserted rule, after the edits before it. */
  readonly position?: number | undefined;
}

export interface SysctlChange {
  /** As sysctl(8) spells it. */
  readonly key: string;
  readonly previous: string;
  readonly next: string;
  readonly reason: string;
}

export function isEmptyPlan(plan: Plan): boolean {
  const { families, sysctls, nfacct, ipvs } = plan;
  return sysctls.length + nfacct.length + (ipvs?.changes.length ?? 0) === 0 && hasNoRuleChanges(families);
}

function hasNoRuleChanges(families: readonly FamilyPlan[]): boolean {
  return families.every(({ changes }) => changes.length === 0);
}
