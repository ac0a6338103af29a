import { builtInChains } from './built-in-chains.ts';
import type { RulesetTable } from './ruleset.ts';

/**
 * Whether conclusions can be drawn from what is not there. What people write for iptables-restore, and parts of dumps, leave the kernel's own
 * chains out; iptables-save does not.
 */
export function isWholeTable({ name, chains, excerpt }: RulesetTable): boolean {
  const builtIn = (builtInChains.get(name) ?? []).flatMap((chain) => chains.get(chain) ?? []);
  return excerpt !== true && builtIn.some(({ policy, declared }) => policy !== '-' && declared);
}
