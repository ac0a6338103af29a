import type { SavedRules } from '../ruleset/saved-rules.ts';
import { chainsOfMode } from './cleanup/kube-chains.ts';

/** A note if kube-proxy's userspace mode has left chains on this node. A plan leaves these where they are. */
export function leftoverModeNotes({ tables }: SavedRules): readonly string[] {
  const left = [...chainsOfMode('userspace')].filter((key) => {
    const [table, chain = ''] = key.split('/');
    return tables.some(({ name, chains }) => name === table && chains.has(chain));
  });
  if (left.length === 0) return [];
  return [`chains of kube-proxy's userspace mode are left over (${left.length}); chainsmith cleanup removes them`];
}
