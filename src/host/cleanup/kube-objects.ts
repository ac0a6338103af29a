import type { IpSet as FilledSet } from '../../core/ruleset/ip-set.ts';
import type { ExecutorName } from '../ipvs/kube-ipvs.ts';
import type { DummyLink } from './dummy-link.ts';
import type { IpSet } from './ip-sets.ts';
import type { VirtualServer } from './virtual-servers.ts';

/** What could be seen; or why nothing could, though something may be there: `ipset is not installed`. */
export type Seen<T> = { readonly seen: T } | { readonly obstacle: string };

/**
 * One network namespace's sets, virtual servers and kube-ipvs0, for a cleanup. By netlink or by the tools, as in `KubeIpvs`; but nothing has to be
 * there, and what goes goes one by one. Rejects with HostError or CommandFailed.
 */
export interface KubeObjects {
  readonly name: ExecutorName;
  /** All of the namespace, whoever made them; none on a kernel without ipset. */
  sets(): Promise<Seen<readonly IpSet[]>>;
  /** Those of these names, with their members. */
  filledSets(names: readonly string[]): Promise<readonly FilledSet[]>;
  link(): Promise<DummyLink | undefined>;
  /** To be asked only where the kernel is known to have some: it loads IPVS. */
  virtualServers(): Promise<Seen<readonly VirtualServer[]>>;
  /** Here and below: what is gone already is no failure. */
  deleteVirtualServer(server: VirtualServer): Promise<void>;
  /** False if a rule or another set still refers to it. */
  destroySet(name: string): Promise<boolean>;
  deleteLink(): Promise<void>;
  close(): void;
}
