import type { IpvsState } from '../../core/plan/ipvs/ipvs-state.ts';
import type { Draining, IpvsStep } from '../../core/plan/ipvs/ipvs-steps.ts';

/** How the kernel is spoken to: by netlink, or by ipvsadm, ipset and ip. Both do the same. */
export type ExecutorName = 'netlink' | 'tools';

export const executorNames: readonly ExecutorName[] = ['netlink', 'tools'];

/** How many connections IPVS knows of a real server; undefined if there is no such real server. */
export interface OpenConnections {
  readonly active: number;
  /** Closing, or closed and remembered. */
  readonly inactive: number;
}

/** One network namespace's IPVS, ipsets of kube-proxy, and kube-ipvs0. Everything rejects with HostError. */
export interface KubeIpvs {
  readonly name: ExecutorName;
  /** Whether there is a link kube-ipvs0: the quickest sign that a node is, or was, in ipvs mode. */
  hasLink(): Promise<boolean>;
  /** @param needed false: a kernel without IPVS or ipset has none of it; else that is an error */
  observe(needed: boolean): Promise<IpvsState>;
  /** Carries steps out, one after the other, all of them or up to what the kernel refuses first. */
  run(steps: readonly IpvsStep[]): Promise<void>;
  /** In the order of what is asked for. */
  connections(of: readonly Draining[]): Promise<readonly (OpenConnections | undefined)[]>;
  close(): void;
}
