import { cidrContains, savedIpText, type Cidr, type Ip, type IpFamily } from '../../model/ip.ts';
import type { IpSet } from '../../ruleset/ip-set.ts';
import { kubeSetName, type KubeSet } from '../../ruleset/kube-ip-sets.ts';
import { elementText } from '../../ruleset/print-ip-set.ts';
import type { IpvsProtocol, VirtualServer } from '../../ruleset/virtual-server.ts';
import type { IpvsState } from './ipvs-state.ts';

const NODE_PORTS: { readonly [P in IpvsProtocol]: KubeSet } = {
  tcp: 'NODE-PORT-TCP',
  udp: 'NODE-PORT-UDP',
  sctp: 'NODE-PORT-SCTP-HASH',
};

/**
 * Whether a virtual server is kube-proxy's: it is at an address of kube-ipvs0, or kube-proxy's sets name its port as a nodePort. kube-proxy
 * itself takes all for its own but those of excludeCIDRs, and so removes those of keepalived and others from a node.
 */
export function ownServers(state: IpvsState): (server: VirtualServer) => boolean {
  const bound = new Set((state.addresses ?? []).map(({ text }) => text));
  const members = new Map(state.sets.map((set) => [set.name, membersOf(set)]));
  return ({ address }) => {
    if (address.kind !== 'address') return false;
    const { ip, port, protocol } = address;
    if (bound.has(ip.text)) return true;
    const nodePorts = members.get(kubeSetName(NODE_PORTS[protocol], ip.family));
    if (nodePorts === undefined) return false;
    return nodePorts.has(protocol === 'sctp' ? `${savedIpText(ip)},sctp:${port}` : `${port}`);
  };
}

function membersOf(set: IpSet): ReadonlySet<string> {
  return new Set(set.entries.map((entry) => elementText(entry, set)));
}

/** Of a family that is planned for, and in none of the CIDRs that are somebody else's. */
export function isPlannedIp(ip: Ip, families: ReadonlySet<IpFamily>, excluded: readonly Cidr[]): boolean {
  return families.has(ip.family) && !excluded.some((cidr) => cidrContains(cidr, ip));
}
