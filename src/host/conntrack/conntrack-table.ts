import type { StaleGroup } from '../../core/analyze/conntrack/find-stale.ts';
import type { ConnectionProtocol, TrackedConnection } from '../../core/analyze/conntrack/tracked-connection.ts';
import type { Ip, IpFamily } from '../../core/model/ip.ts';

/** What speaks to the kernel. */
export type ConntrackExecutor = 'netlink' | 'tools';

export interface DeleteOutcome {
  readonly deleted: number;
  /** Ended meanwhile, by themselves or by somebody else. */
  readonly gone: number;
  /** One line each, in the kernel's words. Everything else was done. */
  readonly problems: readonly string[];
}

/** The connections that the kernel follows in one network namespace. Everything throws HostError, or CommandFailed of a tool. */
export interface ConntrackTable<C extends TrackedConnection = TrackedConnection> {
  readonly executor: ConntrackExecutor;
  /** One listing per family and protocol. */
  list(families: readonly IpFamily[], protocols: readonly ConnectionProtocol[]): Promise<readonly C[]>;
  /** Of all interfaces. */
  localAddresses(): Promise<readonly Ip[]>;
  delete(groups: readonly StaleGroup<C>[]): Promise<DeleteOutcome>;
  close(): void;
}
