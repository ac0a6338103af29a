import { renderChain, type TemplateSet } from '../../render/template-set.ts';
import type { CompiledChain } from '../../ruleset/compiled-rules.ts';
import { builtInChain, natBuiltInChains } from '../built-in-chain.ts';

/** The kernel's own chains in the order of the hooks, and the jumps of the ipvs mode. It has nothing in mangle. */
export function ipvsBuiltInChains(templates: TemplateSet | undefined): readonly CompiledChain[] {
  const filter = (name: 'INPUT' | 'FORWARD' | 'OUTPUT', purpose: string): CompiledChain =>
    builtInChain('filter', name, renderChain(`iptables-ipvs/filter/${name}`, {}, templates), purpose);
  return [
    filter('INPUT', 'packets to this node, and to Services before IPVS takes them'),
    filter('FORWARD', 'packets through this node'),
    filter('OUTPUT', 'packets from this node'),
    ...natBuiltInChains(templates),
  ];
}
