import type { CompiledChain } from '../../ruleset/compiled-rules.ts';

const QUOTED = /"(?:\\.|[^"\\])*"/g;
const JUMP = / (?:-[jg]|--jump|--goto)[ =]+(\S+)/g;

/** Chains of one table that jump in a circle, the first one again at the end: the kernel refuses such rules. */
export function jumpCircle(chains: readonly CompiledChain[]): readonly CompiledChain[] | undefined {
  const byName = new Map(chains.map((chain) => [chain.name, chain]));
  const done = new Set<CompiledChain>();
  const path: CompiledChain[] = [];
  const visit = (chain: CompiledChain): readonly CompiledChain[] | undefined => {
    if (done.has(chain)) return undefined;
    const before = path.indexOf(chain);
    if (before !== -1) return [...path.slice(before), chain];
    path.push(chain);
    for (const [, target = ''] of chain.rules.replace(QUOTED, '').matchAll(JUMP)) {
      const next = byName.get(target);
      const circle = next === undefined ? undefined : visit(next);
      if (circle !== undefined) return circle;
    }
    path.pop();
    done.add(chain);
    return undefined;
  };
  for (const chain of chains) {
    const circle = visit(chain);
    if (circle !== undefined) return circle;
  }
  return undefined;
}
