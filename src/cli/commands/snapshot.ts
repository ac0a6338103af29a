import { fieldOf, type Mapping } from '../../core/util/mapping.ts';
import { ClusterError } from '../../host/sources/cluster/cluster-error.ts';
import { readClusterSnapshot } from '../../host/sources/cluster/cluster-snapshot.ts';
import { RESOURCES } from '../../host/sources/cluster/resources.ts';
import { snapshotParts } from '../../host/sources/cluster/snapshot-text.ts';
import type { ClusterFlags } from '../options/cluster-options.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { writeErr, writeOut } from '../output/streams.ts';
import { writeFile } from '../output/write-file.ts';
import { UsageError } from '../usage-error.ts';
import { refuseBadNodeName } from './choose-host-node.ts';
import { withClusterProgress } from './cluster-progress.ts';

/** The options of `snapshot` as commander stores them. */
export interface SnapshotFlags extends GlobalOptions, ClusterFlags {
  readonly out?: string;
  readonly node?: string;
}

/** Reads the cluster, then writes: where reading fails, the file of the last time stays. */
export async function runSnapshot(flags: SnapshotFlags, extra: readonly string[]): Promise<number> {
  const [word] = extra;
  if (word !== undefined) throw new UsageError(`unexpected argument "${word}"`, `Name the file with --out ${word}`);
  refuseBadNodeName(flags.node);
  const { kubeconfig, context, out, requestTimeout: timeoutMs, quiet = false } = flags;
  const snapshot = await withClusterProgress(quiet, (onCount) =>
    readClusterSnapshot({ kubeconfig, context, timeoutMs, onCount }),
  );
  const items = onlyNode(snapshot.items, flags.node, snapshot.cluster);
  if (out === undefined) for (const part of inChunks(snapshotParts(items))) await writeOut(part);
  else await writeFile(out, inChunks(snapshotParts(items)));
  const what = `${countsOf(items)} of the cluster ${snapshot.cluster}`;
  if (!quiet) await writeErr(out === undefined ? `${what}\n` : `wrote ${what} to ${out}\n`);
  return 0;
}

function onlyNode(items: readonly Mapping[], name: string | undefined, cluster: string): readonly Mapping[] {
  if (name === undefined) return items;
  const nameOf = (item: Mapping): unknown => fieldOf(item['metadata'], 'name');
  const nodes = items.filter((item) => item['kind'] === 'Node');
  if (!nodes.some((node) => nameOf(node) === name)) {
    const advice = `There ${nodes.length === 1 ? 'is' : 'are'} ${nodes.map(nameOf).join(', ') || 'none'}`;
    throw new ClusterError('config', `the cluster ${cluster} has no Node ${name}`, { advice });
  }
  return items.filter((item) => item['kind'] !== 'Node' || nameOf(item) === name);
}

/** `3 nodes, 1 service, 2 endpointslices` */
function countsOf(items: readonly Mapping[]): string {
  return RESOURCES.map(({ kind, plural }) => {
    const count = items.filter((item) => item['kind'] === kind).length;
    return `${count} ${count === 1 ? plural.slice(0, -1) : plural}`;
  }).join(', ');
}

const CHUNK = 1 << 16;

/** A write for each object would take longer than reading them. */
function* inChunks(parts: Iterable<string>): Generator<string> {
  let chunk = '';
  for (const part of parts) {
    chunk += part;
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}
