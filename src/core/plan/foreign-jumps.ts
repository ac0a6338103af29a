import type { SavedChain } from '../ruleset/saved-rules.ts';
import { ruleLines, targetOf } from './rule-lines.ts';
import type { Canonical } from './same-rules.ts';

export interface ForeignJumpsInput {
  readonly table: string;
  /** A built-in chain. */
  readonly saved: SavedChain;
  /** The rules that we want there. */
  readonly desired: string;
  readonly canonical: Canonical;
  readonly isOwn: (chain: string) => boolean;
  readonly isJumpOfOurs: (rule: string) => boolean;
}

/** What to say of rules in a built-in chain that lead into our chains and that neither kube-proxy nor chainsmith has written. */
export function foreignJumpNotes(input: ForeignJumpsInput): readonly string[] {
  const { table, saved, desired, canonical, isOwn, isJumpOfOurs } = input;
  if (!saved.rules.includes(' KUBE-')) return [];
  const wanted = new Set(ruleLines(desired).map(canonical));
  const found = ruleLines(saved.rules).filter((line) => {
    const target = targetOf(line);
    if (target === undefined || !isOwn(target)) return false;
    return !isJumpOfOurs(line) && !wanted.has(canonical(line));
  });
  return [...new Set(found)].map(
    (line) =>
      `${table} ${saved.name}: the rule ${JSON.stringify(line)} is somebody else's and leads to a chain of ours: it stays`,
  );
}
