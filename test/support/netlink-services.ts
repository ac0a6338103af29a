/** Virtual services and destinations as netlink has them, with as little as a test needs to say. */
import type { IpvsDestination } from '../../src/host/netlink/ipvs/destination.ts';
import type { IpvsService, IpvsServiceKey } from '../../src/host/netlink/ipvs/service.ts';
import { ip } from './builders.ts';

export function service(key: IpvsServiceKey, more: Partial<IpvsService> = {}): IpvsService {
  return {
    key,
    scheduler: 'rr',
    persistence: undefined,
    persistencePrefix: key.kind === 'address' && key.ip.family === 'ipv6' ? 128 : 32,
    onePacket: false,
    schedulerFlags: [false, false, false],
    persistenceEngine: undefined,
    ...more,
  };
}

export function destination(address: string, port: number, more: Partial<IpvsDestination> = {}): IpvsDestination {
  return {
    ip: ip(address),
    port,
    forwarding: 'masquerade',
    weight: 1,
    upperThreshold: 0,
    lowerThreshold: 0,
    tunnel: undefined,
    ...more,
  };
}
