import type { LintRule } from '../lint-rule.ts';
import { asksSets } from '../proxy-modes.ts';

export const ipvsFilterMissing: LintRule = {
  code: 'ipvs-filter-missing',
  severity: 'warning',
  title: 'ports of the host answer on the addresses of Services',
  needs: 'rules',
  holds:
    'On a node in ipvs mode KUBE-IPVS-FILTER refuses what comes to the address of a Service and is for no port of it.',
  why: 'The ipvs mode gives all addresses of Services to the interface kube-ipvs0, so they are addresses of the node, and whatever listens on all addresses there (sshd, the kubelet) answers on every clusterIP, for every Pod. Newer versions of kube-proxy refuse that in KUBE-IPVS-FILTER; here it is not.',
  issues: ['kubernetes/kubernetes#72236'],
  fix: 'Use a newer kube-proxy, or leave the ipvs mode, which is deprecated since 1.35; until then let services of the host listen on its own address only.',
  check: ({ dumps }) =>
    dumps.flatMap((dump) => {
      const nat = dump.table('nat');
      const filter = dump.table('filter');
      if (
        !dump.modes.has('ipvs') ||
        nat === undefined ||
        !asksSets(nat.rules('KUBE-SERVICES')) ||
        filter?.isWhole !== true
      )
        return [];
      if (filter.hasRules('KUBE-IPVS-FILTER') && filter.isReached('KUBE-IPVS-FILTER')) return [];
      return [
        {
          message: 'filter INPUT has no KUBE-IPVS-FILTER, and the addresses of Services are those of the node',
          place: filter.has('INPUT') ? filter.place('INPUT') : filter.whole,
          related: [nat.place('KUBE-SERVICES')],
        },
      ];
    }),
};
