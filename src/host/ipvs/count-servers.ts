import type { CommandRunner } from '../exec.ts';
import { readProcFile } from '../proc-file.ts';

export interface ServerCounts {
  readonly virtual: number;
  readonly real: number;
}

/** How many the kernel has, without any tool; undefined on a kernel without IPVS, or before it is loaded. */
export async function countServers(runner: CommandRunner): Promise<ServerCounts | undefined> {
  const text = await readProcFile(runner, '/proc/net/ip_vs');
  if (text === undefined) return undefined;
  const lines = text.split('\n');
  return {
    virtual: lines.filter((line) => /^(?:TCP|UDP|SCTP|FWM) /.test(line)).length,
    // The headings have such a line too: `  -> RemoteAddress:Port Forward Weight ActiveConn InActConn`.
    real: lines.filter((line) => /^ {2}-> [0-9A-F[]/.test(line)).length,
  };
}
