import type { LintRule } from '../lint-rule.ts';
import { frontendText } from '../frontend.ts';
import { unmasqueraded } from '../unmasqueraded.ts';

export const clusterMasqueradeMissing: LintRule = {
  code: 'cluster-masquerade-missing',
  severity: 'error',
  title: 'a clusterIP is not masqueraded, and others are',
  needs: 'rules',
  holds: 'If the chain of one clusterIP masquerades what does not come from a Pod, those of all do.',
  why: 'kube-proxy writes the rule for all Services or for none, so here it was lost or taken out. Nodes and outside clients of this Service get answers from an address that they never asked.',
  issues: ['kubernetes/kubernetes#36835', 'kubernetes/kubernetes#36652', 'kubernetes/kubernetes#104388'],
  fix: 'Make kube-proxy write all rules again: restart it.',
  check: ({ dumps }) =>
    dumps.flatMap(({ services }) => {
      const { all, without } = unmasqueraded(services);
      const { nat } = services;
      if (nat?.isWhole !== true || without.length === all) return [];
      return without.map((frontend) => ({
        message: `${frontend.chain} has no rule that masquerades ${frontendText(frontend)}, and those of ${all - without.length} other clusterIP ports have`,
        place: nat.place(frontend.chain, nat.rules(frontend.chain)[0]),
        service: services.serviceOf(frontend.chain),
        related: [nat.place(frontend.from, frontend.rule)],
      }));
    }),
};
