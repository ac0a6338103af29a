import type { IpFamily } from '../../model/ip.ts';
import type { IpSet, IpSetEntry, IpSetPart } from '../../ruleset/ip-set.ts';
import { kubeSetName, type KubeSet } from '../../ruleset/kube-ip-sets.ts';
import type { KnownAddress } from './address.ts';
import { PROTOCOL, type Header } from './packet.ts';

type Sets = ReadonlyMap<string, IpSet>;

/** What leads to virtual servers, by address and port. */
const FRONTENDS: readonly KubeSet[] = [
  'CLUSTER-IP',
  'EXTERNAL-IP',
  'EXTERNAL-IP-LOCAL',
  'LOAD-BALANCER',
  'LOAD-BALANCER-LOCAL',
  'NODE-PORT-SCTP-HASH',
  'NODE-PORT-LOCAL-SCTP-HASH',
];

/** By protocol and port alone. */
const NODE_PORTS: readonly (readonly [number, KubeSet])[] = [
  [PROTOCOL.tcp, 'NODE-PORT-TCP'],
  [PROTOCOL.tcp, 'NODE-PORT-LOCAL-TCP'],
  [PROTOCOL.udp, 'NODE-PORT-UDP'],
  [PROTOCOL.udp, 'NODE-PORT-LOCAL-UDP'],
];

/** Whether kube-proxy's sets name the destination as one of a Service. */
export function isInKubeSet(
  {
    destination,
    destinationPort,
    protocol,
    family,
  }: Pick<Header, 'destination' | 'destinationPort' | 'protocol' | 'family'>,
  sets: Sets,
): boolean {
  if (destination === 'own') return false;
  const byAddress = FRONTENDS.some((set) =>
    entries(sets, set, family).some(({ parts: [address, port] }) => {
      const isOfProtocol = port?.kind === 'port' && port.protocol === protocol;
      return isOfProtocol && hasPort(port, destinationPort) && isHost(address, destination);
    }),
  );
  const byPort = NODE_PORTS.some(
    ([of, set]) =>
      of === protocol && entries(sets, set, family).some(({ parts: [port] }) => hasPort(port, destinationPort)),
  );
  return byAddress || byPort;
}

/** Whether kube-ipvs0 has the address: KUBE-IPVS-IPS holds all of that link. */
export function isBound(address: KnownAddress, sets: Sets): boolean {
  return entries(sets, 'IPVS-IPS', address.family).some(({ parts: [part] }) => isHost(part, address));
}

function entries(sets: Sets, set: KubeSet, family: IpFamily): readonly IpSetEntry[] {
  return sets.get(kubeSetName(set, family))?.entries ?? [];
}

function isHost(part: IpSetPart | undefined, { family, value }: KnownAddress): boolean {
  return (
    part?.kind === 'network' && part.network.family === family && (value & part.network.mask) === part.network.base
  );
}

function hasPort(part: IpSetPart | undefined, port: number | undefined): boolean {
  return part?.kind === 'port' && port !== undefined && port >= part.ports.first && port <= part.ports.last;
}
