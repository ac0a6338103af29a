import { renderChain, type TemplateSet } from '../../render/template-set.ts';
import type { CompiledChain, TableName } from '../../ruleset/compiled-rules.ts';

/** The kernel's own chains in the order of the hooks, and the jumps that kube-proxy puts there. */
export function builtInChains(templates: TemplateSet | undefined): readonly CompiledChain[] {
  const chain = (table: TableName, name: string, rules: string, purpose: string): CompiledChain => ({
    table,
    name,
    policy: 'ACCEPT',
    rules,
    purpose,
  });
  const untouched = (table: TableName, name: string): CompiledChain => chain(table, name, '', 'no rules');
  return [
    ...['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'].map((name) => untouched('mangle', name)),
    chain('filter', 'INPUT', renderChain('filter/INPUT', {}, templates), 'packets to this node'),
    chain('filter', 'FORWARD', renderChain('filter/FORWARD', {}, templates), 'packets through this node'),
    chain('filter', 'OUTPUT', renderChain('filter/OUTPUT', {}, templates), 'packets from this node'),
    chain(
      'nat',
      'PREROUTING',
      renderChain('nat/PREROUTING', {}, templates),
      'new connections from Pods and from outside',
    ),
    untouched('nat', 'INPUT'),
    chain('nat', 'OUTPUT', renderChain('nat/OUTPUT', {}, templates), 'new connections from this node'),
    chain(
      'nat',
      'POSTROUTING',
      renderChain('nat/POSTROUTING', {}, templates),
      'new connections that leave, after routing',
    ),
  ];
}
