import type { DumpView } from '../dump-view.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { firstOf } from '../places.ts';
import { isEndpointChain } from '../endpoint-chain.ts';
import { frontendKey } from '../frontend.ts';
import { isPortChain } from '../port-chain.ts';

export const jumpToEmptyChain: LintRule = {
  code: 'jump-to-empty-chain',
  severity: 'error',
  title: 'a Service leads to a chain without rules',
  needs: 'rules',
  holds: 'Every chain of a service port or endpoint that a rule leads to has rules.',
  why: 'What comes to an empty chain goes on as if the Service did not exist: to an address that nobody has. Incremental syncs of kube-proxy that failed have left such chains.',
  issues: ['kubernetes/kubernetes#121362', 'kubernetes/kubernetes#112604'],
  fix: 'Make kube-proxy write all rules again: restart it.',
  check: ({ dumps }) => dumps.flatMap(inDump),
};

function inDump({ services }: DumpView): readonly Found[] {
  const { nat } = services;
  if (nat?.isWhole !== true) return [];
  const refused = new Set(services.refusals.map(frontendKey));
  return [...nat.chains.values()].flatMap(({ name, rules }): readonly Found[] => {
    if (rules.length > 0 || (!isPortChain(name) && !isEndpointChain(name))) return [];
    const [first, ...more] = nat.references(name).filter(({ chain }) => nat.isReached(chain.name));
    if (first === undefined) return [];
    // kube-proxy 1.2 and older made the chain of a Service without endpoints as well, beside its REJECT.
    const frontends = services.frontends.filter(({ chain }) => chain === name);
    if (frontends.length > 0 && frontends.every((frontend) => refused.has(frontendKey(frontend)))) return [];
    const service = services.serviceOf(name);
    return [
      {
        message: `${name} is empty${service === undefined ? '' : `: ${service} loses the packets that come to it`}`,
        place: nat.place(first.chain.name, first.rule),
        service,
        related: [nat.place(name), ...firstOf(more).map((from) => nat.place(from.chain.name, from.rule))],
      },
    ];
  });
}
