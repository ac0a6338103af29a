import { DEFAULT_STATE_DIR } from '../../host/iptables/state-dir.ts';
import type { NodeFlags } from '../options/node-options.ts';

/** What an apply says at its end, with the words that undo needs to find the same state again. */
export function appliedNote({ netns, stateDir }: Pick<NodeFlags, 'netns'> & { readonly stateDir: string }): string {
  const where = netns === undefined ? '' : ` --netns ${netns}`;
  const state = stateDir === DEFAULT_STATE_DIR ? '' : ` --state-dir ${stateDir}`;
  return `applied; chainsmith undo${where}${state} takes it back\n`;
}
