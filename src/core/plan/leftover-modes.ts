import type { SavedRules } from '../ruleset/saved-rules.ts';
import { chainsOfMode, otherModes } from './cleanup/kube-chains.ts';

/** One note for each other mode that kube-proxy ran in on this node and has left chains of. A plan leaves these where they are. */
export function leftoverModeNotes({ tables }: SavedRules): readonly string[] {
  return otherModes.flatMap((mode) => {
    const left = [...chainsOfMode(mode)].filter((key) => {
      const [table, chain = ''] = key.split('/');
      return tables.some(({ name, chains }) => name === table && chains.has(chain));
    });
    if (left.length === 0) return [];
    return [`chains of kube-proxy's ${mode} mode are left over (${left.length}); chainsmith cleanup removes them`];
  });
}
