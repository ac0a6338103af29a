// The addresses of the laboratory: the same network that golden/reference was recorded in, plus what real traffic needs.
//
//   outside ------ eth0 --- node --- eth1 ------ node-b
//   clients        192.168.0.0/24    192.168.1.0/24   |
//                            |                        |
//                     pods 10.244.0.x          pods 10.244.1.x
//
// node-b hangs on a link of its own, not on eth0: the masqueraded source of a connection from node to a pod on node-b is then
// eth1's address and the unmasqueraded one eth0's, so a server can tell them apart. For the same reason the node's end of every
// pod link has the gateway's address.

export type Family = 'ipv4' | 'ipv6';

/** One address of each family. */
export interface AddressPair {
  readonly ipv4: string;
  readonly ipv6: string;
}

export const NODE: AddressPair = { ipv4: '192.168.0.10', ipv6: '2001:db8:aaaa::10' };
export const OUTSIDE: AddressPair = { ipv4: '192.168.0.1', ipv6: '2001:db8:aaaa::1' };
export const NODE_ETH1: AddressPair = { ipv4: '192.168.1.10', ipv6: '2001:db8:bbbb::10' };
export const NODE_B: AddressPair = { ipv4: '192.168.1.11', ipv6: '2001:db8:bbbb::11' };
/** The node's end of every pod link. */
export const GATEWAY: AddressPair = { ipv4: '10.244.0.1', ipv6: 'fd00:10:244::1' };
export const GATEWAY_B: AddressPair = { ipv4: '10.244.1.1', ipv6: 'fd00:10:244:1::1' };
export const PODS_ON_B: AddressPair = { ipv4: '10.244.1.0/24', ipv6: 'fd00:10:244:1::/64' };

/** The echo servers' port, TCP and UDP. */
export const SERVER_PORT = 8080;

/** The pod network's host number `host` on this node (10.244.0.x) or the other one (10.244.1.x). */
export function podAddress(node: 'a' | 'b', host: number): AddressPair {
  const [net4, net6] = node === 'a' ? ['10.244.0', 'fd00:10:244:'] : ['10.244.1', 'fd00:10:244:1:'];
  return { ipv4: `${net4}.${host}`, ipv6: `${net6}:${host.toString(16)}` };
}

/** Addresses that the outside client has besides its own, so that it can be many clients. */
export function clientAddresses(count: number): AddressPair[] {
  return Array.from({ length: count }, (_, index) => ({
    ipv4: `203.0.113.${index + 1}`,
    ipv6: `2001:db8:cccc::${(index + 1).toString(16)}`,
  }));
}
