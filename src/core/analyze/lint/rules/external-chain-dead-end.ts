import { externalChains } from '../external-chains.ts';
import type { Found } from '../finding.ts';
import { frontendText } from '../frontend.ts';
import type { LintRule } from '../lint-rule.ts';
import { firstOf, listed } from '../places.ts';
import { jumpOf } from '../rule-facts.ts';
import type { ServiceIndex } from '../service-index.ts';

export const externalChainDeadEnd: LintRule = {
  code: 'external-chain-dead-end',
  severity: 'error',
  title: 'external traffic of a Service comes to no endpoint',
  needs: 'rules',
  holds:
    'The last rule of every KUBE-EXT chain leads to the endpoints, KUBE-SVC or KUBE-SVL, without condition; or filter refuses what comes there.',
  why: 'The rule was lost. Connections from outside to the node port, external IP or load balancer IP go on as if the Service did not exist, to an address that nobody has or a port where nothing listens. Pods and the node itself may still get through, by other rules of the chain.',
  issues: [],
  fix: 'Make kube-proxy write all rules again: restart it.',
  check: ({ dumps }) => dumps.flatMap(({ services }) => inServices(services)),
};

function inServices(services: ServiceIndex): readonly Found[] {
  const { nat } = services;
  if (nat?.isWhole !== true) return [];
  return externalChains(services).flatMap(({ chain: { name, rules }, frontends, onward }): readonly Found[] => {
    if (onward !== undefined || frontends.length === 0) return [];
    const others = rules.some(({ rule }) => /^KUBE-(?:SVC|SVL|SEP)-/.test(jumpOf(rule) ?? ''));
    const who = others ? 'connections from outside to ' : '';
    return [
      {
        message: `${services.label(name)}: ${who}${listed([...new Set(frontends.map(frontendText))])} get no endpoint, ${name} leads ${others ? 'them ' : ''}nowhere`,
        place: nat.place(name, rules.at(-1)),
        service: services.serviceOf(name),
        related: firstOf(frontends).map(({ from, rule }) => nat.place(from, rule)),
      },
    ];
  });
}
