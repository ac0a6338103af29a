import type { ClusterEnvironment } from './cluster-environment.ts';

export interface HostNode {
  readonly name: string;
  /** How it was told, for a message: `NODE_NAME`, or `this host's name`. */
  readonly toldBy: string;
}

/**
 * The Node that this process runs on: the variable NODE_NAME, which DaemonSets set from spec.nodeName, names it, whether it is among
 * the Nodes or not; else the Node with this host's name, as kubelet takes it. Undefined where neither helps.
 */
export function nodeOfHost(nodes: readonly unknown[], { env, hostname }: ClusterEnvironment): HostNode | undefined {
  const named = (env['NODE_NAME'] ?? '').trim();
  if (named !== '') return { name: named, toldBy: 'NODE_NAME' };
  const own = hostname.trim().toLowerCase();
  return nodes.includes(own) ? { name: own, toldBy: "this host's name" } : undefined;
}
