import type { Ip } from '../../../core/model/ip.ts';
import { ipToBytes } from '../codec/ip-bytes.ts';

/** union nf_inet_addr: 16 bytes for both families, an IPv4 address in the first four. */
export function unionBytes(ip: Ip): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes.set(ipToBytes(ip));
  return bytes;
}
