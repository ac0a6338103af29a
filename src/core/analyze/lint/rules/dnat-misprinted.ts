import type { LintRule } from '../lint-rule.ts';
import { counted, firstOf } from '../places.ts';
import type { EndpointChain } from '../endpoint-chain.ts';

export const dnatMisprinted: LintRule = {
  code: 'dnat-misprinted',
  severity: 'warning',
  title: 'DNAT rules of endpoints that are not as kube-proxy writes them',
  needs: 'rules',
  holds: 'The DNAT rule of an endpoint has one address with one port, and no other option.',
  why: 'An iptables-save that is older than the iptables that wrote the rules misprints DNAT: without an address, with --random, --persistent or ":0". The rules in the kernel are right then, and are broken as soon as somebody loads such a dump again. If the same version wrote and printed them, somebody else changed them.',
  issues: ['kubernetes/kubernetes#114537'],
  fix: 'Take the dump with the iptables-save of the program that wrote the rules (that in the image of kube-proxy).',
  check: ({ dumps }) =>
    dumps.flatMap(({ services }) => {
      const { nat } = services;
      const odd = [...services.endpoints.values()].flatMap((endpoint) => {
        const rule = oddRule(endpoint);
        return rule === undefined ? [] : [{ chain: endpoint.chain.name, rule }];
      });
      const [first, ...more] = odd;
      if (first === undefined || nat === undefined) return [];
      return [
        {
          message: `${counted(odd.length, 'endpoint')} ha${odd.length === 1 ? 's' : 've'} a DNAT rule that kube-proxy does not write`,
          place: nat.place(first.chain, first.rule),
          service: odd.length === 1 ? services.serviceOf(first.chain) : undefined,
          related: firstOf(more).map(({ chain, rule }) => nat.place(chain, rule)),
        },
      ];
    }),
};

function oddRule({ chain, endpoint, dnat }: EndpointChain): EndpointChain['dnat'] {
  const unread = chain.rules.find(({ rule }) => rule.target.kind === 'opaque' && rule.target.name === 'DNAT');
  if (unread !== undefined || dnat === undefined) return unread;
  const { target, leftover } = dnat.rule;
  const isPlain = target.kind === 'dnat' && !target.random && !target.persistent && leftover.length === 0;
  return isPlain && endpoint !== undefined ? undefined : dnat;
}
