import type { LintRule } from '../lint-rule.ts';

export const dispatchLong: LintRule = {
  code: 'dispatch-long',
  severity: 'info',
  title: 'a new connection passes many rules',
  needs: 'rules',
  holds: 'KUBE-SERVICES has at most 1000 rules.',
  why: 'The kernel asks the rules one after the other for the first packet of every connection, also of those that go to no Service. Some 5000 rules cost a fifth of the throughput of new connections. Known ones are not concerned.',
  issues: ['kubernetes/kubernetes#56164'],
  fix: 'The nftables mode of kube-proxy looks Services up in a map instead (Linux 5.13 and newer).',
  check: ({ dumps }) =>
    dumps.flatMap(({ services }) => {
      const { nat } = services;
      const rules = nat?.rules('KUBE-SERVICES') ?? [];
      const last = services.frontends.findLast(({ from }) => from === 'KUBE-SERVICES');
      if (nat === undefined || rules.length <= LONG || last === undefined) return [];
      const position = rules.indexOf(last.rule) + 1;
      return [
        {
          message: `a new connection to ${services.label(last.chain)} passes ${position} rules of KUBE-SERVICES, one to no Service all ${rules.length}`,
          place: nat.place('KUBE-SERVICES', last.rule),
          service: services.serviceOf(last.chain),
        },
      ];
    }),
};

/** What EKS and Calico advise to leave the iptables mode at. */
const LONG = 1000;
