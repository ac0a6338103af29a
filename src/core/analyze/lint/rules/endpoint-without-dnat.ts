import type { LintRule } from '../lint-rule.ts';

export const endpointWithoutDnat: LintRule = {
  code: 'endpoint-without-dnat',
  severity: 'error',
  title: 'a chain of an endpoint that leads nowhere',
  needs: 'rules',
  holds: 'Each KUBE-SEP chain that something leads to has a DNAT rule.',
  why: 'Connections that are sent to this endpoint keep the address of the Service, which nobody has: one in N of them times out.',
  issues: ['kubernetes/kubernetes#104388'],
  fix: 'Make kube-proxy write all rules again: restart it.',
  check: ({ dumps }) =>
    dumps.flatMap(({ services }) => {
      const { nat } = services;
      if (nat?.isWhole !== true) return [];
      return (
        [...services.endpoints.values()]
          .filter(
            ({ chain, dnat }) => chain.rules.length > 0 && dnat === undefined && nat.references(chain.name).length > 0,
          )
          // One that could not be read is told of by dnat-misprinted.
          .filter(({ chain }) =>
            chain.rules.every(({ rule }) => rule.target.kind !== 'opaque' && rule.leftover.length === 0),
          )
          .map(({ chain }) => {
            const service = services.serviceOf(chain.name);
            const message = `${chain.name}${service === undefined ? '' : ` of ${service}`} translates nothing`;
            return { message, place: nat.place(chain.name, chain.rules[0]), service };
          })
      );
    }),
};
