import type { CompiledChain, CompiledRules } from '../ruleset/compiled-rules.ts';
import type { SavedRules } from '../ruleset/saved-rules.ts';

/** PLACEHOLDER until typed rules are in: nothing steals. */
export function trafficThief(
  _chain: CompiledChain,
  _current: SavedRules,
  _desired: CompiledRules,
  _isOwn: (chain: string) => boolean,
): (rule: string) => string | undefined {
  return () => undefined;
}
