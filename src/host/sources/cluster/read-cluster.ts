import { fieldOf } from '../../../core/util/mapping.ts';
import type { ParsedText } from '../parsed-text.ts';
import { hostEnvironment, type ClusterEnvironment } from './cluster-environment.ts';
import { readClusterSnapshot, type SnapshotOptions } from './cluster-snapshot.ts';
import { nodeOfHost, type HostNode } from './host-node.ts';
import { snapshotList } from './snapshot-text.ts';

export interface ClusterInput {
  /** One document: the List that `chainsmith snapshot` would have written. Its place is `cluster NAME`. */
  readonly read: ParsedText;
  /** The Node that this process runs on, if it can be told. */
  readonly hostNode: HostNode | undefined;
}

/** A live cluster in the place of files. Rejects with a ClusterError. */
export async function readCluster(
  options: SnapshotOptions,
  environment: ClusterEnvironment = hostEnvironment(),
): Promise<ClusterInput> {
  const { cluster, items } = await readClusterSnapshot(options, environment);
  const nodes = items.filter((item) => item['kind'] === 'Node').map((node) => fieldOf(node['metadata'], 'name'));
  return {
    read: { documents: [snapshotList(items)], locations: [{ file: `cluster ${cluster}` }], diagnostics: [] },
    hostNode: nodeOfHost(nodes, environment),
  };
}
