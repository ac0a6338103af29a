import { parseIp } from '../../model/ip.ts';
import { addressNumber } from '../verify/address-number.ts';
import { UNICAST } from '../verify/place.ts';
import type { IpvsMeaning } from '../verify/ipvs/ipvs-specification.ts';
import type { Destination } from './mode-cases.ts';

/** Nobody has it (RFC 5737, RFC 3849). */
const SOMEBODY = { ipv4: '192.0.2.80', ipv6: '2001:db8:fffe::80' } as const;

/** Where a packet goes that conntrack finds INVALID, and that is only forwarded: to an endpoint of another node, or past the cluster. */
export function invalidPlace({ table, settings, localAddresses }: IpvsMeaning): Destination {
  const own = new Set(localAddresses.map(({ text }) => text));
  const endpoints = table.servicePorts.flatMap(({ reachableEndpoints }) => reachableEndpoints);
  const elsewhere = endpoints.find(({ ip, local }) => !local && !own.has(ip.text));
  const somebody = parseIp(SOMEBODY[settings.family]);
  if (somebody === undefined) throw new Error('an address of this file is none');
  const { ip, port } = elsewhere ?? { ip: somebody, port: 8080 };
  return { address: addressNumber(ip), protocol: 6, port, types: UNICAST };
}
