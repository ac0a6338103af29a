import { groupedBy } from '../grouped.ts';
import type { LintRule } from '../lint-rule.ts';
import { portSuffix } from '../port-chain.ts';
import { firstOf, listed } from '../places.ts';
import { frontendText } from '../frontend.ts';

export const loadBalancerIpHandled: LintRule = {
  code: 'load-balancer-ip-handled',
  severity: 'info',
  title: 'Pods that use the load balancer IP never get to the load balancer',
  needs: 'rules',
  holds: 'Nothing: kube-proxy serves load balancer IPs on the node itself, unless their ipMode is Proxy.',
  why: 'What Pods and the node send to the address goes to an endpoint at once. If the load balancer speaks the PROXY protocol, ends TLS or keeps an address list, clients inside of the cluster do without, and fail.',
  issues: ['kubernetes/kubernetes#66607', 'hetznercloud/hcloud-cloud-controller-manager#727'],
  fix: 'Only if clients inside fail: let the cloud controller set ipMode: Proxy in status.loadBalancer.ingress (Kubernetes 1.29 and newer), or a hostname in place of the ip.',
  check: ({ dumps }) =>
    dumps.flatMap(({ services }) => {
      const { nat } = services;
      if (nat === undefined) return [];
      const byService = groupedBy(
        services.frontends.filter(({ kind }) => kind === 'load-balancer-ip'),
        ({ chain }) => portSuffix(chain),
      );
      return [...byService.values()].flatMap(([first, ...more]) => {
        if (first === undefined) return [];
        const names = [...new Set([first, ...more].map(frontendText))];
        return [
          {
            message: `${services.label(first.chain)}: ${listed(names)} ${names.length === 1 ? 'is' : 'are'} served on this node`,
            place: nat.place(first.from, first.rule),
            service: services.serviceOf(first.chain),
            related: firstOf(more).map(({ from, rule }) => nat.place(from, rule)),
          },
        ];
      });
    }),
};
