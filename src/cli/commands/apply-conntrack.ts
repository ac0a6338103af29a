// What an apply does when the rules are loaded: connections that the kernel remembers do not ask them.
import { servedFamilies, type NodeServices } from '../../core/analyze/conntrack/connection-targets.ts';
import type { ConnectionProtocol } from '../../core/analyze/conntrack/tracked-connection.ts';
import type { ConntrackExecutor, ConntrackTable } from '../../host/conntrack/conntrack-table.ts';
import { openConntrack } from '../../host/conntrack/open-conntrack.ts';
import { readStale } from '../../host/conntrack/read-stale.ts';
import { HostError, messageOf } from '../../host/host-error.ts';
import { Interrupted } from '../../host/iptables/apply-failed.ts';
import { deletedText, staleText } from '../output/print-conntrack.ts';
import { writeErr } from '../output/streams.ts';
import type { OpenNode } from './open-node.ts';

export interface ConnectionFlags {
  /** False: --no-conntrack. */
  readonly conntrack?: boolean;
  readonly executor?: ConntrackExecutor | 'auto';
  readonly quiet?: boolean | undefined;
  readonly verbose?: boolean | undefined;
}

/** As kube-proxy: TCP and SCTP notice by themselves. */
const PROTOCOLS: readonly ConnectionProtocol[] = ['UDP'];

/**
 * Deletes UDP connections that lead to no endpoint of their Service any more, and says so. What goes wrong is told and stops nothing: the
 * rules are right without it.
 *
 * @param confirm asked before, where nobody has agreed to anything yet
 */
export async function deleteStaleConnections(
  node: Pick<OpenNode, 'namespace' | 'runner'>,
  services: readonly NodeServices[],
  flags: ConnectionFlags,
  confirm: (question: string) => Promise<boolean> = () => Promise.resolve(true),
): Promise<void> {
  if (flags.conntrack === false || servedFamilies(services, PROTOCOLS).length === 0) return;
  try {
    const { namespace, runner } = node;
    const { executor = 'auto' } = flags;
    const table = await openConntrack({ namespacePath: namespace.path, runner, executor });
    try {
      await deleteFrom(table, services, flags, confirm);
    } finally {
      table.close();
    }
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    const advice = error instanceof HostError ? error.advice : undefined;
    await writeErr(
      `warning: the rules are in place, but stale connections may be left: ${messageOf(error)}\n${wayOut(advice)}`,
    );
  }
}

async function deleteFrom(
  table: ConntrackTable,
  services: readonly NodeServices[],
  { quiet = false, verbose = false }: ConnectionFlags,
  confirm: (question: string) => Promise<boolean>,
): Promise<void> {
  const { stale } = await readStale(table, services, PROTOCOLS);
  if (stale.length === 0) {
    if (verbose) await writeErr('no UDP connection is stale\n');
    return;
  }
  if (!(await confirm(`Delete ${staleText(stale)}?`))) return;
  const outcome = await table.delete(stale);
  if (!quiet) await writeErr(`${deletedText(stale, outcome)}\n`);
  const [problem] = outcome.problems;
  if (problem !== undefined) throw new HostError(problem);
}

function wayOut(advice: string | undefined): string {
  const first = advice === undefined ? '' : `  ${advice}\n`;
  return `${first}  chainsmith conntrack --delete does this part alone; apply --no-conntrack leaves it out\n`;
}
