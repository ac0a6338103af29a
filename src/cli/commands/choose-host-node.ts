import { fieldOf } from '../../core/util/mapping.ts';
import { isDnsSubdomain } from '../../core/model/names.ts';
import type { Input } from './read-input.ts';
import { UsageError } from '../usage-error.ts';

export interface ChosenNode {
  /** Undefined: the core chooses, or says that it cannot. */
  readonly node: string | undefined;
  /** A line for the user; "" if the choice needs none. */
  readonly note: string;
}

/** The node to compile for: --node, else the configuration's hostnameOverride, else, in a live cluster, the Node this runs on. */
export function chooseHostNode(wanted: string | undefined, config: unknown, { read, hostNode }: Input): ChosenNode {
  const override = fieldOf(config, 'hostnameOverride');
  const isChosen = wanted !== undefined || (typeof override === 'string' && override !== '');
  if (isChosen || hostNode === undefined || nodesIn(read.documents) < 2) return { node: wanted, note: '' };
  refuseBadNodeName(hostNode.name, hostNode.toldBy);
  return {
    node: hostNode.name,
    note: `note: the node is ${hostNode.name}, by ${hostNode.toldBy} (--node chooses another)\n`,
  };
}

/** Such a name matches no Node and no endpoint, and a blank at its end is not even seen in a message. */
export function refuseBadNodeName(name: string | undefined, toldBy: string = '--node'): void {
  if (name === undefined || isDnsSubdomain(name)) return;
  const advice = 'Names of nodes are made of a-z, 0-9, "-" and ".", as kubectl get nodes prints them';
  throw new UsageError(`${toldBy} ${JSON.stringify(name)} can be no node's name`, advice);
}

function nodesIn(documents: readonly unknown[]): number {
  const items = documents.flatMap((document) => fieldOf(document, 'items') ?? []);
  return items.filter((item) => fieldOf(item, 'kind') === 'Node').length;
}
