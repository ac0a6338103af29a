import { parseIp } from '../../src/core/model/ip.ts';
import { parseIpsetSave } from '../../src/core/parse/ipset-save/parse-ipset-save.ts';
import { parseIpvsadm } from '../../src/core/parse/ipvsadm/parse-ipvsadm.ts';
import type { IpvsState } from '../../src/core/plan/ipvs/ipvs-state.ts';
import { recordedIpvs } from './ipvs-reference.ts';

/** What a node has that kube-proxy programmed, as its tools printed it. */
export function recordedState(name: string): IpvsState {
  const { sets } = parseIpsetSave(recordedIpvs(name, 'ipset.save'));
  const addresses = [...recordedIpvs(name, 'kube-ipvs0.addr').matchAll(/\binet6? ([^/\s]+)/g)];
  return {
    virtualServers: parseIpvsadm(recordedIpvs(name, 'ipvs.save')).table.virtualServers,
    sets: [...sets.values()].map((set) => ({ ...set, references: 1 })),
    addresses: addresses.flatMap(([, text = '']) => parseIp(text) ?? []),
    timeouts: { tcp: 900, tcpFin: 120, udp: 300 },
  };
}
