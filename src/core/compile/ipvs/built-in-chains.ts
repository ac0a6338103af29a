import { renderChain, type TemplateSet } from '../../render/template-set.ts';
import type { CompiledChain, TableName } from '../../ruleset/compiled-rules.ts';

/** The kernel's own chains in the order of the hooks, and the jumps of the ipvs mode. It has nothing in mangle. */
export function ipvsBuiltInChains(templates: TemplateSet | undefined): readonly CompiledChain[] {
  const chain = (table: TableName, name: string, rules: string, purpose: string): CompiledChain => ({
    table,
    name,
    policy: 'ACCEPT',
    rules,
    purpose,
  });
  return [
    chain(
      'filter',
      'INPUT',
      renderChain('iptables-ipvs/filter/INPUT', {}, templates),
      'packets to this node, and to Services before IPVS takes them',
    ),
    chain('filter', 'FORWARD', renderChain('iptables-ipvs/filter/FORWARD', {}, templates), 'packets through this node'),
    chain('filter', 'OUTPUT', renderChain('iptables-ipvs/filter/OUTPUT', {}, templates), 'packets from this node'),
    chain(
      'nat',
      'PREROUTING',
      renderChain('nat/PREROUTING', {}, templates),
      'new connections from Pods and from outside',
    ),
    chain('nat', 'INPUT', '', 'no rules'),
    chain('nat', 'OUTPUT', renderChain('nat/OUTPUT', {}, templates), 'new connections from this node'),
    chain(
      'nat',
      'POSTROUTING',
      renderChain('nat/POSTROUTING', {}, templates),
      'new connections that leave, after routing',
    ),
  ];
}
