import { isServiceChain } from '../../../ruleset/owned-chains.ts';
import type { LintRule } from '../lint-rule.ts';

export const unreachableChain: LintRule = {
  code: 'unreachable-chain',
  severity: 'info',
  title: 'a chain of a Service that no packet can come to',
  needs: 'rules',
  holds: 'From a built-in chain there is a way to every chain of a service port or endpoint that something leads to.',
  why: 'Only chains that are left over themselves lead to it. It does nothing to packets.',
  issues: ['k3s-io/k3s#7244'],
  fix: 'Nothing, if it goes away with the next full sync of kube-proxy; else chainsmith plan and apply remove it.',
  check: ({ dumps }) =>
    dumps.flatMap(({ services }) => {
      const { nat } = services;
      // Where not even KUBE-SERVICES is reached, that is what is wrong.
      if (nat?.isWhole !== true || !nat.isReached('KUBE-SERVICES')) return [];
      return [...nat.chains.values()]
        .filter(({ name, rules }) => rules.length > 0 && isServiceChain('nat', name) && !nat.isReached(name))
        .filter(({ name }) => nat.references(name).length > 0)
        .map(({ name }) => ({
          message: `${name} is only led to from chains that no packet comes to`,
          place: nat.place(name),
          service: services.serviceOf(name),
          related: nat.references(name).map((from) => nat.place(from.chain.name, from.rule)),
        }));
    }),
};
