import { renderChain, type TemplateSet } from '../../render/template-set.ts';
import type { CompiledChain } from '../../ruleset/compiled-rules.ts';
import { builtInChain, natBuiltInChains } from '../built-in-chain.ts';

/** The kernel's own chains in the order of the hooks, and the jumps that kube-proxy puts there. */
export function builtInChains(templates: TemplateSet | undefined): readonly CompiledChain[] {
  const filter = (name: 'INPUT' | 'FORWARD' | 'OUTPUT', purpose: string): CompiledChain =>
    builtInChain('filter', name, renderChain(`filter/${name}`, {}, templates), purpose);
  return [
    ...['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'].map((name) => builtInChain('mangle', name)),
    filter('INPUT', 'packets to this node'),
    filter('FORWARD', 'packets through this node'),
    filter('OUTPUT', 'packets from this node'),
    ...natBuiltInChains(templates),
  ];
}
