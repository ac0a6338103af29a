import type { LintRule } from '../lint-rule.ts';
import { unmasqueraded } from '../unmasqueraded.ts';

export const noClusterMasquerade: LintRule = {
  code: 'no-cluster-masquerade',
  severity: 'warning',
  title: 'nothing that comes to a clusterIP is masqueraded',
  needs: 'rules',
  holds: 'The chains of clusterIPs masquerade what does not come from a Pod.',
  why: 'kube-proxy cannot tell Pods from other sources: it has no clusterCIDR (or --detect-local-mode with its value). A client that is no Pod then asks a clusterIP and is answered by an endpoint directly, from an address that it never asked.',
  issues: ['kubernetes/kubernetes#36835', 'kubernetes/kubernetes#36652'],
  fix: 'Set clusterCIDR in the configuration of kube-proxy to the range of the Pods. Where only Pods use clusterIPs, nothing needs to be done.',
  check: ({ dumps }) =>
    dumps.flatMap(({ services }) => {
      const { all, without } = unmasqueraded(services);
      const [first] = without;
      if (first === undefined || without.length < all || services.nat?.isWhole !== true) return [];
      return [
        {
          message:
            all === 1
              ? 'the only clusterIP port has no rule that masquerades'
              : `none of ${all} clusterIP ports has a rule that masquerades`,
          place: services.nat.place(first.chain, services.nat.rules(first.chain)[0]),
          related: [services.nat.place(first.from, first.rule)],
        },
      ];
    }),
};
