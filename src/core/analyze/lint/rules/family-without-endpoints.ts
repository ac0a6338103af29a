import type { ServicePortEntry } from '../../../services/service-port.ts';
import type { LintRule } from '../lint-rule.ts';

export const familyWithoutEndpoints: LintRule = {
  code: 'family-without-endpoints',
  severity: 'warning',
  title: 'a dual-stack Service has endpoints of one family only',
  needs: 'snapshot',
  holds: 'A Service with clusterIPs of both families has endpoints of both, or of none.',
  why: 'Clients that prefer the family without endpoints are refused, and others are served. The Pods have addresses of one family only: they are older than the second range, or the CNI plugin does not give them both.',
  issues: ['kubernetes/kubernetes#89923', 'kubernetes/kubernetes#92412'],
  fix: 'Look at status.podIPs of the Pods; restart those that are older than the second range, or set ipFamilyPolicy: SingleStack.',
  check: ({ snapshot }) => {
    const [one, other] = snapshot?.tables ?? [];
    if (one === undefined || other === undefined) return [];
    const keyOf = ({ name, protocol }: ServicePortEntry): string => `${name}/${protocol}`;
    const others = new Map(other.servicePorts.map((entry) => [keyOf(entry), entry]));
    return one.servicePorts.flatMap((entry) => {
      const twin = others.get(keyOf(entry));
      if (twin === undefined || twin.hasEndpoints === entry.hasEndpoints) return [];
      const lacking = entry.hasEndpoints ? other.family : one.family;
      const message = `${entry.name} has no ${lacking === 'ipv4' ? 'IPv4' : 'IPv6'} endpoints, and ones of the other family`;
      return [{ message, service: entry.name }];
    });
  },
};
