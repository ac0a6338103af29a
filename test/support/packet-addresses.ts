import { BlockList, isIP } from 'node:net';

function familyOf(address: string): 'ipv4' | 'ipv6' {
  const family = isIP(address);
  if (family === 0) throw new Error(`no IP address: ${JSON.stringify(address)}`);
  return family === 4 ? 'ipv4' : 'ipv6';
}

const answers = new Map<string, boolean>();

/** Whether an address lies in `address/prefix`. Node's own BlockList decides, not chainsmith's arithmetic. */
export function isInside(address: string, cidr: string): boolean {
  const key = `${address} ${cidr}`;
  let answer = answers.get(key);
  if (answer === undefined) {
    answer = ask(address, cidr);
    if (answers.size > 100_000) answers.clear();
    answers.set(key, answer);
  }
  return answer;
}

function ask(address: string, cidr: string): boolean {
  const [, network = '', prefix = ''] = /^([0-9a-f.:]+)\/(\d{1,3})$/u.exec(cidr) ?? [];
  const family = familyOf(network);
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), family);
  return familyOf(address) === family && list.check(address, family);
}

export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || (familyOf(address) === 'ipv4' && isInside(address, '127.0.0.0/8'));
}

/** `-m addrtype --dst-type LOCAL`. */
export function isLocalAddress(address: string, localAddresses: readonly string[]): boolean {
  return localAddresses.includes(address) || isLoopbackAddress(address);
}

/** `10.0.0.1:80` and `[fd00::1]:80`. */
export function splitEndpoint(endpoint: string): { readonly address: string; readonly port: number } {
  const [, v4, v6, port = ''] = /^(?:([0-9.]+)|\[([0-9a-f:.]+)\]):([0-9]{1,5})$/u.exec(endpoint) ?? [];
  const address = v4 ?? v6 ?? '';
  familyOf(address);
  return { address, port: Number(port) };
}
