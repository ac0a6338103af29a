import type { NodeFlags } from '../options/node-options.ts';
import { samePlace } from '../options/same-place.ts';

/** What an apply says at its end, with the words that undo needs to find the same state again. */
export function appliedNote(flags: Pick<NodeFlags, 'netns'> & { readonly stateDir: string }): string {
  return `applied; chainsmith undo${samePlace(flags)} takes it back\n`;
}
