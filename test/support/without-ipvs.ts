import type { CompiledRules } from '../../src/core/ruleset/compiled-rules.ts';

/** Rules that need nothing of the ipvs mode. */
export function withoutIpvs({ family, chains, sysctls }: CompiledRules): CompiledRules {
  return { family, chains, sysctls };
}
