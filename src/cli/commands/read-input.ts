import type { HostNode } from '../../host/sources/cluster/host-node.ts';
import type { ParsedText } from '../../host/sources/parsed-text.ts';
import { readSources } from '../../host/sources/read-sources.ts';
import type { SourceIo } from '../../host/sources/source-io.ts';
import type { ClusterFlags } from '../options/cluster-options.ts';
import { writeErr } from '../output/streams.ts';
import { UsageError } from '../usage-error.ts';
import { withClusterProgress } from './cluster-progress.ts';

/** The options that say where objects come from, as commander stores them. */
export interface InputFlags extends ClusterFlags {
  readonly filename?: readonly string[];
  readonly quiet?: boolean;
}

export interface Input {
  readonly read: ParsedText;
  /**
   * Only of a live cluster: the Node that this process runs on. It is for the case that there are several Nodes, and that neither
   * --node nor the configuration's hostnameOverride chooses one.
   */
  readonly hostNode: HostNode | undefined;
}

/**
 * The objects of a command: those of the files that -f names, or else those of the live cluster that kubectl would speak to. Rejects
 * with a SourceError or a ClusterError.
 */
export async function readInput(flags: InputFlags, io?: SourceIo): Promise<Input> {
  const { filename, quiet = false } = flags;
  if (filename !== undefined) {
    refuseClusterFlags(flags);
    if (filename.includes('-') && process.stdin.isTTY) await writeErr('reading standard input; end it with Ctrl-D\n');
    return { read: await readSources(filename, io), hostNode: undefined };
  }
  // Loaded here: most runs read files.
  const { readCluster } = await import('../../host/sources/cluster/read-cluster.ts');
  const { kubeconfig, context, requestTimeout: timeoutMs } = flags;
  return withClusterProgress(quiet, (onCount) => readCluster({ kubeconfig, context, timeoutMs, onCount }));
}

function refuseClusterFlags({ kubeconfig, context, requestTimeout }: ClusterFlags): void {
  const given = Object.entries({
    '--kubeconfig': kubeconfig,
    '--context': context,
    '--request-timeout': requestTimeout,
  });
  const [name] = given.find(([, value]) => value !== undefined) ?? [];
  if (name !== undefined)
    throw new UsageError(`-f reads files, and ${name} is for reading a cluster; leave one of them out`);
}
