import type { Found } from '../finding.ts';
import type { IpvsView } from '../ipvs-view.ts';
import type { LintRule } from '../lint-rule.ts';

export const serviceAddressUnbound: LintRule = {
  code: 'service-address-unbound',
  severity: 'error',
  title: 'a cluster IP that is not on kube-ipvs0',
  needs: 'ipvs-and-sets',
  holds: 'KUBE-IPVS-IPS, and so kube-ipvs0, has the address of each cluster IP.',
  why: 'IPVS sees only packets for addresses of the node itself. A cluster IP that kube-ipvs0 does not have is forwarded like any other address and lost. kube-proxy writes KUBE-IPVS-IPS from what it has put on kube-ipvs0.',
  issues: ['kubernetes/kubernetes#71071'],
  fix: 'Look whether kube-ipvs0 has the address: ip address show kube-ipvs0. Restart kube-proxy, which puts it there.',
  check: ({ ipvs }) => ipvs.flatMap(inFamily),
};

function inFamily({ members, setPlace }: IpvsView): readonly Found[] {
  // Older versions of kube-proxy have no such set.
  if (members?.isThere('IPVS-IPS') !== true) return [];
  const bound = new Set(members.addresses('IPVS-IPS').map(({ text }) => text));
  const missing = members.frontends('CLUSTER-IP').filter(({ ip }) => !bound.has(ip.text));
  return missing.map(({ key }) => ({ message: `the cluster IP of ${key} is not in KUBE-IPVS-IPS`, place: setPlace }));
}
