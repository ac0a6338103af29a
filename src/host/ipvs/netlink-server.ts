// Virtual and real servers between their two forms: as ipvsadm has them, and as netlink does.
import type { IpFamily } from '../../core/model/ip.ts';
import type { ServerSettings } from '../../core/plan/ipvs/ipvs-item.ts';
import { protocolNumber } from '../../core/ruleset/protocols.ts';
import { schedulerFlagName, schedulerFlagNumber } from '../../core/ruleset/scheduler-flags.ts';
import type { IpvsProtocol, RealServer, VirtualAddress } from '../../core/ruleset/virtual-server.ts';
import type { IpvsDestination, IpvsForwarding, IpvsDestinationState, IpvsTunnel } from '../netlink/ipvs/destination.ts';
import { familyOfKey, type IpvsService, type IpvsServiceKey } from '../netlink/ipvs/service.ts';

const PROTOCOLS: Readonly<Record<number, IpvsProtocol>> = { 6: 'tcp', 17: 'udp', 132: 'sctp' };

/** Undefined for a protocol that IPVS has no services of. */
export function addressOfKey(key: IpvsServiceKey): VirtualAddress | undefined {
  if (key.kind === 'mark') return key;
  const protocol = PROTOCOLS[key.protocol];
  return protocol === undefined ? undefined : { kind: 'address', protocol, ip: key.ip, port: key.port };
}

export function keyOfAddress(address: VirtualAddress): IpvsServiceKey {
  if (address.kind === 'mark') return address;
  return { ...address, protocol: protocolNumber(address.protocol) ?? 0 };
}

export function settingsOfService(service: IpvsService): ServerSettings {
  const { key, scheduler, persistence, persistencePrefix, persistenceEngine, onePacket } = service;
  const prefix = persistencePrefix === allBits(familyOfKey(key)) ? undefined : persistencePrefix;
  return {
    scheduler,
    schedulerFlags: ([1, 2, 3] as const)
      .filter((flag) => service.schedulerFlags[flag - 1])
      .map((flag) => schedulerFlagName(scheduler, flag)),
    persistence: persistence === undefined ? undefined : { seconds: persistence, prefix },
    persistenceEngine,
    onePacket,
  };
}

export function serviceOf(address: VirtualAddress, settings: ServerSettings): IpvsService {
  const { scheduler, schedulerFlags, persistence, persistenceEngine, onePacket } = settings;
  const key = keyOfAddress(address);
  const flags = new Set(schedulerFlags.map(schedulerFlagNumber));
  return {
    key,
    scheduler,
    persistence: persistence?.seconds,
    persistencePrefix: persistence?.prefix ?? allBits(familyOfKey(key)),
    onePacket,
    schedulerFlags: [flags.has(1), flags.has(2), flags.has(3)],
    persistenceEngine,
  };
}

function allBits(family: IpFamily): number {
  return family === 'ipv4' ? 32 : 128;
}

/** A real server on the node itself is one that packets are routed to, in the words of ipvsadm. */
const FORWARDING: { readonly [F in IpvsForwarding]: RealServer['forwarding'] } = {
  masquerade: 'masquerade',
  tunnel: 'tunnel',
  direct: 'route',
  local: 'route',
  bypass: 'route',
};

export function realServerOf({ ip, port, forwarding, weight, tunnel }: IpvsDestinationState): RealServer {
  const words = forwarding === 'tunnel' ? tunnelWords(tunnel) : [];
  return { ip, port, forwarding: FORWARDING[forwarding], weight, tunnel: words };
}

export function destinationOf({ ip, port, forwarding, weight, tunnel }: RealServer): IpvsDestination {
  return {
    ip,
    port,
    forwarding: forwarding === 'route' ? 'direct' : forwarding,
    weight,
    upperThreshold: 0,
    lowerThreshold: 0,
    tunnel: tunnelOf(tunnel),
  };
}

/** IP_VS_CONN_F_TUNNEL_TYPE_* in linux/ip_vs.h, as ipvsadm names them. */
const TUNNEL_TYPES = ['ipip', 'gue', 'gre'];
/** IP_VS_TUNNEL_ENCAP_FLAG_*: no checksum, checksum, remote checksum. */
const CHECKSUMS: readonly (readonly [flag: number, option: string])[] = [
  [1, '--tun-csum'],
  [2, '--tun-remcsum'],
];

function tunnelWords(tunnel: IpvsTunnel | undefined): readonly string[] {
  const { type, port, flags } = tunnel ?? { type: 0, port: 0, flags: 0 };
  const words = ['--tun-type', TUNNEL_TYPES[type] ?? String(type)];
  if (type === 1) words.push('--tun-port', String(port));
  if (type === 0) return words;
  const checksum = CHECKSUMS.find(([flag]) => (flags & flag) !== 0)?.[1];
  return [...words, checksum ?? '--tun-nocsum'];
}

function tunnelOf(words: readonly string[]): IpvsTunnel | undefined {
  const after = (option: string): string | undefined =>
    words.includes(option) ? words[words.indexOf(option) + 1] : undefined;
  const type = Math.max(0, TUNNEL_TYPES.indexOf(after('--tun-type') ?? 'ipip'));
  const flags = CHECKSUMS.find(([, option]) => words.includes(option))?.[0] ?? 0;
  return type === 0 ? undefined : { type, port: Number(after('--tun-port') ?? 0), flags };
}
