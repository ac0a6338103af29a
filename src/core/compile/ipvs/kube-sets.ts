import type { Ip, IpFamily } from '../../model/ip.ts';
import type { CompiledIpSet } from '../../ruleset/compiled-rules.ts';
import type { IpSetEntry } from '../../ruleset/ip-set.ts';
import { kubeIpSets, kubeSetName, kubeSetNames, type KubeSet } from '../../ruleset/kube-ip-sets.ts';
import { elementText } from '../../ruleset/print-ip-set.ts';
import { compareStrings } from '../../util/order.ts';
import { addressPart, type SetMember } from './set-members.ts';
import { setPurposes } from './set-purposes.ts';

/** All of kube-proxy's sets of one family, by name: the rules need them even where they are empty. */
export function kubeSets(
  family: IpFamily,
  members: readonly SetMember[],
  addresses: readonly Ip[],
): readonly CompiledIpSet[] {
  const entries = new Map<KubeSet, Map<string, IpSetEntry>>(kubeSetNames.map((set) => [set, new Map()]));
  const add = ({ set, parts }: SetMember): void => {
    entries.get(set)?.set(elementText({ parts }, { family }), { parts, nomatch: false, options: [] });
  };
  for (const one of members) add(one);
  for (const ip of addresses) add({ set: 'IPVS-IPS', parts: [addressPart(ip)] });
  return kubeSetNames
    .map((set): CompiledIpSet => {
      const sorted = [...(entries.get(set) ?? [])].sort(([a], [b]) => compareStrings(a, b)).map(([, entry]) => entry);
      return {
        name: kubeSetName(set, family),
        type: kubeIpSets[set],
        // ipset gives a bitmap:port no family, and takes it for any.
        family: kubeIpSets[set] === 'bitmap:port' ? 'ipv4' : family,
        netmask: undefined,
        header: headerOf(set, family, sorted.length),
        entries: sorted,
        purpose: setPurposes[set],
      };
    })
    .sort((a, b) => compareStrings(a.name, b.name));
}

/** The default of the kernel, and what kube-proxy asks for. */
const MAX_ELEMENTS = 65_536;

/**
 * As ipset 7.7 and newer prints them on Linux 5.11 and newer; older ones know no bucketsize, and 12 is what they have. A set of more
 * members than kube-proxy's sets can hold is made larger.
 */
function headerOf(set: KubeSet, family: IpFamily, members: number): readonly string[] {
  if (kubeIpSets[set] === 'bitmap:port') return ['range', '0-65535'];
  const most = members <= MAX_ELEMENTS ? MAX_ELEMENTS : 2 ** Math.ceil(Math.log2(members));
  const inet = family === 'ipv4' ? 'inet' : 'inet6';
  return ['family', inet, 'hashsize', '1024', 'maxelem', `${most}`, 'bucketsize', '12'];
}
