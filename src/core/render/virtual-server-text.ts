import { ipFromNumber, savedIpText } from '../model/ip.ts';
import {
  ipvsEndpointText,
  type Persistence,
  type RealServer,
  type VirtualAddress,
  type VirtualServer,
} from '../ruleset/virtual-server.ts';
import { renderObject } from './template-set.ts';

const SERVICE_OPTION: Readonly<Record<'tcp' | 'udp' | 'sctp', string>> = {
  tcp: '-t',
  udp: '-u',
  sctp: '--sctp-service',
};

const FORWARDING: Readonly<Record<RealServer['forwarding'], string>> = {
  masquerade: '-m',
  route: '-g',
  tunnel: '-i',
};

/** A virtual server and its real servers as `ipvsadm -Sn` prints them: what `ipvsadm -R` reads. */
export function virtualServerText(server: VirtualServer): string {
  const { address, scheduler, schedulerFlags, persistence, persistenceEngine, onePacket, realServers } = server;
  return renderObject('ipvs/virtual-server', {
    service: serviceText(address),
    scheduler,
    persistence: persistence === undefined ? '' : String(persistence.seconds),
    mask: maskText(address, persistence),
    engine: persistenceEngine ?? '',
    onePacket,
    flags: schedulerFlags.join(','),
    realServers: realServers.map(({ ip, port, forwarding, weight, tunnel }) => ({
      address: ipvsEndpointText(ip, port),
      forwarding: FORWARDING[forwarding],
      weight,
      tunnel: tunnel.join(' '),
    })),
  });
}

/** The words by which ipvsadm knows a virtual server. */
export function serviceText(address: VirtualAddress): string {
  if (address.kind === 'mark') return `-f ${address.mark}${address.family === 'ipv6' ? ' -6' : ''}`;
  return `${SERVICE_OPTION[address.protocol]} ${ipvsEndpointText(address.ip, address.port)}`;
}

/** A netmask for IPv4, a number of bits for IPv6. */
function maskText(address: VirtualAddress, persistence: Persistence | undefined): string {
  const prefix = persistence?.prefix;
  if (prefix === undefined) return '';
  const family = address.kind === 'mark' ? address.family : address.ip.family;
  if (family === 'ipv6') return String(prefix);
  const mask = (0xffffffffn << BigInt(32 - prefix)) & 0xffffffffn;
  return savedIpText(ipFromNumber('ipv4', mask));
}
