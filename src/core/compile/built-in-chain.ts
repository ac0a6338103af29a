import { renderChain, type TemplateSet } from '../render/template-set.ts';
import type { CompiledChain, TableName } from '../ruleset/compiled-rules.ts';

/** A chain of the kernel's own; without rules if none are given. */
export function builtInChain(table: TableName, name: string, rules = '', purpose = 'no rules'): CompiledChain {
  return { table, name, policy: 'ACCEPT', rules, purpose };
}

/** Those of nat: the same in both modes, as what they jump to has the same names. */
export function natBuiltInChains(templates: TemplateSet | undefined): readonly CompiledChain[] {
  const nat = (name: 'PREROUTING' | 'OUTPUT' | 'POSTROUTING', purpose: string): CompiledChain =>
    builtInChain('nat', name, renderChain(`nat/${name}`, {}, templates), purpose);
  return [
    nat('PREROUTING', 'new connections from Pods and from outside'),
    builtInChain('nat', 'INPUT'),
    nat('OUTPUT', 'new connections from this node'),
    nat('POSTROUTING', 'new connections that leave, after routing'),
  ];
}
