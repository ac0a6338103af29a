import { externalChains } from '../external-chains.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { isUnconditional, jumpOf } from '../rule-facts.ts';
import type { ServiceIndex } from '../service-index.ts';

export const externalMasqueradeMissing: LintRule = {
  code: 'external-masquerade-missing',
  severity: 'error',
  title: 'external traffic to all endpoints is not masqueraded',
  needs: 'rules',
  holds: 'A KUBE-EXT chain that leads everything to KUBE-SVC marks everything for masquerading before.',
  why: 'The rule was lost. An endpoint on another node answers the client itself, past the node that translated the address: the client gets answers from an address that it never asked, and drops them. Only connections that happen to get an endpoint on this node work.',
  issues: [],
  fix: 'Make kube-proxy write all rules again: restart it.',
  check: ({ dumps }) => dumps.flatMap(({ services }) => inServices(services)),
};

function inServices(services: ServiceIndex): readonly Found[] {
  const { nat } = services;
  if (nat?.isWhole !== true) return [];
  return externalChains(services).flatMap(({ chain: { name, rules }, onward }): readonly Found[] => {
    if (onward === undefined || jumpOf(onward.rule)?.startsWith('KUBE-SVC-') !== true) return [];
    const before = rules.slice(0, rules.indexOf(onward));
    const isMarked = before.some(
      ({ rule }) => isUnconditional(rule) && (jumpOf(rule) === 'KUBE-MARK-MASQ' || rule.target.kind === 'mark'),
    );
    if (isMarked) return [];
    return [
      {
        message: `${services.label(name)}: ${name} leads to the endpoints of all nodes and does not mark for masquerading`,
        place: nat.place(name, onward),
        service: services.serviceOf(name),
      },
    ];
  });
}
