import { isServiceChain } from '../../../ruleset/owned-chains.ts';
import type { LintRule } from '../lint-rule.ts';

export const orphanChain: LintRule = {
  code: 'orphan-chain',
  severity: 'info',
  title: 'a chain of a Service that nothing leads to',
  needs: 'rules',
  holds: 'Something leads to every chain of a service port or endpoint that has rules.',
  why: 'The Service or endpoint is gone and its chain was left. It does nothing to packets. kube-proxy removes such chains at its next full sync; with more than 1000 endpoints it waits for that up to its syncPeriod. Many that stay make every sync slower.',
  issues: ['k3s-io/k3s#7244'],
  fix: 'Nothing, if they go away; else chainsmith plan and apply remove them.',
  check: ({ dumps }) =>
    dumps.flatMap(({ services }) => {
      const { nat } = services;
      if (nat?.isWhole !== true) return [];
      return [...nat.chains.values()]
        .filter(
          ({ name, rules }) => rules.length > 0 && isServiceChain('nat', name) && nat.references(name).length === 0,
        )
        .map(({ name, rules }) => ({
          message: `nothing leads to ${name} (${rules.length} rule${rules.length === 1 ? '' : 's'})`,
          place: nat.place(name),
          service: services.serviceOf(name),
        }));
    }),
};
