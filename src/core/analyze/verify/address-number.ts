import { ipToNumber, type Ip } from '../../model/ip.ts';
import { parseNetwork } from '../../ruleset/ip-network.ts';

const known = new WeakMap<Ip, bigint>();

/** `ipToNumber`, computed once for each endpoint: it is asked for in every class of packets that leads there. */
export function addressNumber(ip: Ip): bigint {
  let number = known.get(ip);
  if (number === undefined) {
    number = ipToNumber(ip);
    known.set(ip, number);
  }
  return number;
}

/** The address of a text that iptables-save printed. */
export function addressOf(text: string): bigint | undefined {
  return parseNetwork(text)?.base;
}
