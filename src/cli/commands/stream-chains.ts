import { setTimeout as sleep } from 'node:timers/promises';
import type { IpFamily } from '../../core/model/ip.ts';
import type { SavedRules } from '../../core/ruleset/saved-rules.ts';
import type { ObservedNode } from '../../host/iptables/plan-node.ts';
import { StateFile } from '../../host/iptables/state-file.ts';
import { StreamedRestore } from '../../host/iptables/streamed-restore.ts';
import type { InputToCompile } from './compile-input.ts';
import type { OpenNode } from './open-node.ts';

/** Smaller inputs are compiled before a thread is there. */
const FROM_OBJECTS = 500;
/** The one that is loaded first. */
const FIRST_FAMILY: IpFamily = 'ipv4';

/**
 * Starts a restore before the rules are compiled, where that may pay: many objects, and iptables-legacy. With iptables-nft the order of all
 * chains counts, so these must be known first.
 */
export async function prepareStream(
  node: OpenNode,
  objects: number,
  stateDir: string,
): Promise<StreamedRestore | undefined> {
  if (objects < FROM_OBJECTS || node.variant !== 'legacy' || !node.testsBeside) return undefined;
  // Who has applied before has rules to be read, which takes longer than to start a tool for nothing.
  if (await new StateFile(stateDir, node.namespace.identity).isThere()) return undefined;
  return new StreamedRestore(node.runner, FIRST_FAMILY, node);
}

/** A node without rules has been read meanwhile, but for an answer or two. One with many rules is not waited for. */
const FETCH_MS = 250;

/** Lets it begin if this is a first load: the node has no chains of service ports. */
export async function beginStream(
  stream: StreamedRestore,
  { mode, isGood }: InputToCompile,
  reading: Promise<ObservedNode>,
): Promise<void> {
  if (!isGood || mode !== 'iptables') return;
  const observed = await Promise.race([reading, sleep(FETCH_MS, undefined, { ref: false })]);
  const found = observed?.families.find(({ family }) => family === FIRST_FAMILY);
  if (found !== undefined && !hasServiceChains(found.saved)) stream.begin(found.saved);
}

function hasServiceChains({ tables }: SavedRules): boolean {
  const names = tables.flatMap(({ name, chains }) => (name === 'nat' ? [...chains.keys()] : []));
  return names.some((name) => /^KUBE-(?:SVC|SVL|SEP|EXT|FW)-/.test(name));
}
