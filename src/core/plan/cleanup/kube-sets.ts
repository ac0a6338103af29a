import { ipFamilies } from '../../model/ip.ts';
import { kubeSetName, kubeSetNames } from '../../ruleset/kube-ip-sets.ts';

/** Sets of older versions: 1.8 and 1.9; 1.12. */
const OLD_SETS: readonly string[] = ['LOAD-BALANCER-MASQ', 'NODE-PORT-SCTP', 'NODE-PORT-LOCAL-SCTP'];

/**
 * The ipsets of kube-proxy's ipvs mode, of all its versions. kube-router's KUBE-SRC-..., KUBE-DST-... and other sets are not among them,
 * so the beginning of the name says nothing.
 */
const names: ReadonlySet<string> = new Set(
  [...kubeSetNames, ...OLD_SETS].flatMap((set) => ipFamilies.map((family) => kubeSetName(set, family))),
);

export function isKubeProxySet(name: string): boolean {
  return names.has(name);
}
