import type { LintDump } from '../../core/analyze/lint/lint-input.ts';
import { ipFamilies } from '../../core/model/ip.ts';
import { hostRunner, withTimeout } from '../../host/exec.ts';
import { readNodeDumps } from '../../host/iptables/read-node-dumps.ts';
import { UsageError } from '../usage-error.ts';

const TIMEOUT_MS = 300_000;

/** Both variants of the node that this runs on, as far as they are there: rules of both are asked for every packet. */
export async function dumpsOfNode(
  command: string,
): Promise<{ readonly dumps: readonly LintDump[]; readonly note: string }> {
  if (process.getuid?.() !== 0) {
    throw new UsageError('there is no dump to look at', `Give a file, or sudo iptables-save | chainsmith ${command}`);
  }
  const dumps = await readNodeDumps(withTimeout(hostRunner, TIMEOUT_MS), ipFamilies, TIMEOUT_MS);
  if (dumps.length === 0) {
    throw new UsageError('this node has no iptables', 'Give a file with what iptables-save prints on the node');
  }
  return { dumps, note: `note: read ${dumps.map(({ file }) => file).join(', ')} of this node\n` };
}
