import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { jumpOf, sourceAddress } from '../rule-facts.ts';
import type { EndpointChain } from '../endpoint-chain.ts';
import type { ServiceIndex } from '../service-index.ts';

export const hairpinRuleMissing: LintRule = {
  code: 'hairpin-rule-missing',
  severity: 'error',
  title: 'an endpoint that asks its own Service gets no answer',
  needs: 'rules',
  holds: 'Each chain of an endpoint marks for masquerading what comes from that endpoint, before it translates.',
  why: 'A Pod that is sent back to itself would see a packet from its own address, and answer itself. So one of N requests of a Pod to its own Service fails. (The bridge must let packets out where they came in, too: hairpin mode; rules do not show that.)',
  issues: ['kubernetes/kubernetes#20475', 'kubernetes/kubernetes#53775', 'cloudnativelabs/kube-router#1235'],
  fix: 'Make kube-proxy write all rules again: restart it. If the rule is there and it fails all the same, look at the hairpin mode of the bridge.',
  check: ({ dumps }) => dumps.flatMap(({ services }) => inServices(services)),
};

function inServices(services: ServiceIndex): readonly Found[] {
  const { nat } = services;
  if (nat?.isWhole !== true) return [];
  return [...services.endpoints.values()]
    .filter((endpoint) => nat.references(endpoint.chain.name).length > 0 && !hasHairpin(endpoint))
    .map(({ chain, endpoint, dnat }) => {
      const service = services.serviceOf(chain.name);
      const of = service === undefined ? '' : ` of ${service}`;
      const message = `${endpoint ?? chain.name}${of} is not masqueraded when it asks itself`;
      return { message, place: nat.place(chain.name, dnat), service };
    });
}

function hasHairpin({ chain, address, dnat }: EndpointChain): boolean {
  // Without a plain DNAT nobody knows what the endpoint is; others tell of that.
  if (address === undefined) return true;
  for (const rule of chain.rules) {
    if (rule === dnat) return false;
    const marks = jumpOf(rule.rule) === 'KUBE-MARK-MASQ' || rule.rule.target.kind === 'mark';
    if (!marks) continue;
    if (rule.rule.source === undefined || sourceAddress(rule.rule) === address) return true;
  }
  return false;
}
