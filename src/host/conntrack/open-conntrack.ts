import type { CommandRunner } from '../exec.ts';
import { HostError } from '../host-error.ts';
import { NetlinkUnavailable } from '../netlink/koffi/load-koffi.ts';
import type { ConntrackExecutor, ConntrackTable } from './conntrack-table.ts';
import type { OpenSocketOptions } from '../netlink/open-socket.ts';
import { openNetlinkConntrack } from './netlink-conntrack.ts';
import { openToolsConntrack } from './tools-conntrack.ts';

export interface OpenConntrackOptions {
  /** A file that stands for the network namespace; undefined for this process's own. */
  readonly namespacePath: string | undefined;
  /** Runs commands in that namespace. */
  readonly runner: CommandRunner;
  /** `auto`: netlink, or the tools where koffi does not load. */
  readonly executor: ConntrackExecutor | 'auto';
}

/** Throws HostError with the ways out if neither is there. */
export async function openConntrack(
  { namespacePath, runner, executor }: OpenConntrackOptions,
  openNetlink: (options: OpenSocketOptions) => ConntrackTable = openNetlinkConntrack,
): Promise<ConntrackTable> {
  if (executor === 'tools') return openToolsConntrack(runner);
  try {
    return openNetlink({ namespacePath });
  } catch (error) {
    if (executor === 'netlink' || !(error instanceof NetlinkUnavailable)) throw error;
    if ((await runner.which('conntrack')) !== undefined) return openToolsConntrack(runner);
    throw new HostError(`${error.message}, and there is no conntrack either`, {
      advice: `install conntrack-tools (Debian: conntrack), or ${error.advice ?? 'koffi'}`,
      cause: error,
    });
  }
}
