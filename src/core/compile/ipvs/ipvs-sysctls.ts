import type { IpvsConfig } from '../../model/proxy-config.ts';
import type { RequiredSysctl } from '../../ruleset/compiled-rules.ts';

/** As kube-proxy sets them at its start, for both families: those of IPVS are below net.ipv4 and are meant for IPv6 too. */
const ALWAYS: readonly RequiredSysctl[] = [
  {
    key: 'net.ipv4.vs.conntrack',
    value: '1',
    purpose: 'without it connections of IPVS are not in conntrack, and so cannot be masqueraded',
  },
  {
    key: 'net.ipv4.vs.conn_reuse_mode',
    value: '0',
    purpose: 'else a client that uses a port again waits a second (kubernetes/kubernetes#93297)',
    kernels: { from: '4.1', before: '5.9' },
  },
  {
    key: 'net.ipv4.vs.expire_nodest_conn',
    value: '1',
    purpose: 'connections to a real server that is gone end at once, and the client tries again',
  },
  {
    key: 'net.ipv4.vs.expire_quiescent_template',
    value: '1',
    purpose: 'a client does not stay with a real server that takes no new connections',
  },
  { key: 'net.ipv4.ip_forward', value: '1', purpose: 'without it packets do not leave for Pods' },
];

const STRICT_ARP: readonly RequiredSysctl[] = [
  {
    key: 'net.ipv4.conf.all.arp_ignore',
    value: '1',
    purpose: 'strictARP: the node answers for an address only on the interface that has it, so not for kube-ipvs0',
  },
  {
    key: 'net.ipv4.conf.all.arp_announce',
    value: '2',
    purpose: 'strictARP: the node does not ask in the name of addresses of kube-ipvs0',
  },
];

export function ipvsSysctls({ strictArp }: IpvsConfig): readonly RequiredSysctl[] {
  return strictArp ? [...ALWAYS, ...STRICT_ARP] : ALWAYS;
}
