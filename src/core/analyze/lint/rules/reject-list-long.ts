import type { LintRule } from '../lint-rule.ts';

export const rejectListLong: LintRule = {
  code: 'reject-list-long',
  severity: 'warning',
  title: 'a long list of Services without endpoints',
  needs: 'rules',
  holds: 'filter refuses at most 1000 addresses of Services without endpoints.',
  why: 'The REJECT rules are asked one after the other for the first packet of every connection that the node makes or forwards. Thousands of Services without endpoints make all others slow.',
  issues: ['kubernetes/kubernetes#56164'],
  fix: 'Delete the Services that nothing serves, or make them headless; the nftables mode of kube-proxy looks them up in a map.',
  check: ({ dumps }) =>
    dumps.flatMap(({ services }) => {
      const [first] = services.refusals;
      const { length } = services.refusals;
      if (first === undefined || length <= LONG) return [];
      return [
        {
          message: `${length} rules of filter refuse or drop what goes to Services without endpoints`,
          place: first.table.place(first.chain, first.rule),
        },
      ];
    }),
};

const LONG = 1000;
