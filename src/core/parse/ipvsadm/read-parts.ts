import { ipToNumber, parseIp, type Ip } from '../../model/ip.ts';
import type { IpFamily } from '../../model/ip.ts';

/** A part of a line as a value, or what is wrong with it. */
export type Read<T> = { readonly value: T } | { readonly problem: string };

/** The value and the problem cannot both be there. */
export function failed<T>(read: Read<T>): read is { readonly problem: string } {
  return 'problem' in read;
}

/** `10.0.0.1:80`, `[fd00::1]:80`, and without a port, which is undefined then. */
export function readEndpoint(text: string): Read<{ readonly ip: Ip; readonly port: number | undefined }> {
  const [, v6, v4, portText] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/.exec(text) ?? [];
  const ip = parseIp(v6 ?? v4 ?? '');
  // What Go and our parser take for IPv4, ::ffff:1.2.3.4, is an address of IPv6 to ipvsadm, and never that of a Service.
  if (ip === undefined || (v6 !== undefined) !== (ip.family === 'ipv6')) return noNumber(text, 'address');
  if (portText === undefined) return { value: { ip, port: undefined } };
  const port = readNumber(portText, 65_535);
  return port === undefined ? noNumber(text, 'port') : { value: { ip, port } };
}

function noNumber(text: string, part: 'address' | 'port'): { readonly problem: string } {
  const named = /[a-z]/i.test(
    part === 'port' ? text.slice(text.lastIndexOf(':')) : text.replace(/[0-9a-f:.[\]]/gi, ''),
  );
  const hint = named ? '; names are printed without -n, so give the output of ipvsadm -Sn' : '';
  return { problem: `${JSON.stringify(text)} has no ${part} that can be read${hint}` };
}

/** A decimal number from 0 to `max`. */
export function readNumber(text: string, max: number): number | undefined {
  return /^[0-9]{1,10}$/.test(text) && Number(text) <= max ? Number(text) : undefined;
}

/** 1 to 2^32-1: 0 is what packets without a mark have. */
export function readMark(text: string): Read<number> {
  const mark = readNumber(text, 2 ** 32 - 1);
  return mark === undefined || mark === 0
    ? { problem: `${JSON.stringify(text)} is no firewall mark` }
    : { value: mark };
}

/** A netmask for IPv4, a number of bits for IPv6; undefined for what counts as no mask, all bits. */
export function readMask(text: string, family: IpFamily): Read<number | undefined> {
  const prefix = family === 'ipv6' ? readNumber(text, 128) : netmaskPrefix(text);
  if (prefix === undefined) return { problem: `${JSON.stringify(text)} is no netmask` };
  return { value: prefix === (family === 'ipv6' ? 128 : 32) ? undefined : prefix };
}

function netmaskPrefix(text: string): number | undefined {
  const ip = parseIp(text);
  if (ip?.family !== 'ipv4') return undefined;
  const bits = ipToNumber(ip).toString(2).padStart(32, '0');
  return /^1*0*$/.test(bits) ? bits.replace(/0+$/, '').length : undefined;
}
