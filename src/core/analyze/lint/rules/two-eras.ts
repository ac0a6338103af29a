import type { LintRule } from '../lint-rule.ts';

export const twoEras: LintRule = {
  code: 'two-eras',
  severity: 'warning',
  title: 'chains of kube-proxy before and since 1.24 side by side',
  needs: 'rules',
  holds: 'Chains of old versions (KUBE-XLB) and of new ones (KUBE-EXT, KUBE-SVL) are not in one dump.',
  why: 'kube-proxy was upgraded and did not remove what the old version wrote, or two versions write in turns. What still leads to the old chains knows the endpoints of the day of the upgrade.',
  issues: ['kubernetes/kubernetes#112604', 'k3s-io/k3s#7244'],
  fix: 'Restart kube-proxy (its first sync removes what nothing leads to); if both stay, look for a second kube-proxy on the node.',
  check: ({ dumps }) =>
    dumps.flatMap(({ services: { nat } }) => {
      if (nat === undefined) return [];
      const withRules = [...nat.chains.values()].filter(({ rules }) => rules.length > 0).map(({ name }) => name);
      const old = withRules.filter((name) => name.startsWith('KUBE-XLB-'));
      const recent = withRules.filter((name) => /^KUBE-(?:EXT|SVL)-/.test(name));
      const [first] = old;
      const [newer] = recent;
      if (first === undefined || newer === undefined) return [];
      return [
        {
          message: `${old.length} KUBE-XLB and ${recent.length} KUBE-EXT or KUBE-SVL chains`,
          place: nat.place(first),
          related: [nat.place(newer)],
        },
      ];
    }),
};
