import type { Diagnostic } from '../../core/diag/diagnostic.ts';
import type { Observation } from '../../host/iptables/observe.ts';
import type { Variant } from '../../host/iptables/tools.ts';
import { readDump, type ReadDump } from '../../host/sources/read-dump.ts';
import { UsageError } from '../usage-error.ts';

export interface Dumps {
  readonly observed: readonly Observation[];
  /** nft where no dump says. */
  readonly variant: Variant;
  readonly diagnostics: readonly Diagnostic[];
}

/** Dumps in place of a node: one per family. */
export async function readDumps(paths: readonly string[]): Promise<Dumps> {
  const dumps: ReadDump[] = [];
  for (const path of paths) {
    const dump = await readDump(path);
    const other = dumps.find(({ family }) => family === dump.family);
    if (other !== undefined) {
      const family = dump.family === 'ipv4' ? 'IPv4' : 'IPv6';
      throw new UsageError(
        `${other.file} and ${dump.file} are both dumps of ${family}; there can be one of each family`,
      );
    }
    dumps.push(dump);
  }
  return {
    observed: dumps.map(({ family, saved }) => ({ family, saved })),
    variant: dumps.find(({ variant }) => variant !== undefined)?.variant ?? 'nft',
    diagnostics: dumps.flatMap(({ diagnostics }) => diagnostics),
  };
}
