import type { SavedChain } from '../ruleset/saved-rules.ts';
import type { ChainContent } from './plan.ts';

export function contentOf({ rules, ruleCounters }: SavedChain): ChainContent {
  return ruleCounters === undefined ? { rules } : { rules, counters: ruleCounters };
}
