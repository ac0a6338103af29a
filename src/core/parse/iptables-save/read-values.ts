import type { NumberRange } from '../../ruleset/rule-values.ts';

export const UINT32 = 0xffffffff;
export const UINT16 = 0xffff;

/** A number as C's strtoul reads it: decimal, `0x` and hexadecimal, `0` and octal. Undefined if it is none, or above `max`. */
export function readUint(text: string, max: number): number | undefined {
  if (!/^(?:0[xX][0-9a-fA-F]{1,16}|0[0-7]{0,20}|[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const octal = text.length > 1 && text.startsWith('0') && !/^0[xX]/.test(text);
  const value = octal ? Number.parseInt(text, 8) : Number(text);
  return value <= max ? value : undefined;
}

/** Ports that have a name in /etc/services and that people write by it. iptables-save always prints numbers. */
const SERVICES: ReadonlyMap<string, number> = new Map(
  'echo 7, discard 9, ftp-data 20, ftp 21, ssh 22, telnet 23, smtp 25, time 37, domain 53, bootps 67, bootpc 68, tftp 69, http 80, www 80, kerberos 88, pop3 110, sunrpc 111, auth 113, ntp 123, netbios-ns 137, netbios-dgm 138, netbios-ssn 139, imap2 143, imap 143, snmp 161, snmp-trap 162, bgp 179, ldap 389, https 443, microsoft-ds 445, submission 587, ldaps 636, domain-s 853, rsync 873, imaps 993, pop3s 995, openvpn 1194, mysql 3306, postgresql 5432'
    .split(', ')
    .map((entry) => {
      const [name = '', port = ''] = entry.split(' ');
      return [name, Number(port)];
    }),
);

export function readPort(text: string): number | undefined {
  return readUint(text, UINT16) ?? SERVICES.get(text);
}

/** `80`, `80:90`, `80:`, `:90`; with `-` as separator both ends must be there, and be numbers. */
export function readPortRange(text: string, separator: ':' | '-'): NumberRange | undefined {
  if (separator === ':') return readRange(text, readPort, UINT16);
  // ftp-data is a port, not a range.
  if (!text.includes('-') || SERVICES.has(text)) return singlePort(text);
  const [first, last] = text.split('-', 2).map((end) => readUint(end, UINT16));
  const twoEnds = text.indexOf('-') === text.lastIndexOf('-');
  return first === undefined || last === undefined || !twoEnds || first > last ? undefined : { first, last };
}

function singlePort(text: string): NumberRange | undefined {
  const port = readPort(text);
  return port === undefined ? undefined : { first: port, last: port };
}

/** `FIRST:LAST`, either of which may be left out. */
export function readRange(
  text: string,
  read: (end: string) => number | undefined,
  max: number,
): NumberRange | undefined {
  const colon = text.indexOf(':');
  const first = colon === 0 ? 0 : read(colon === -1 ? text : text.slice(0, colon));
  if (first === undefined) return undefined;
  if (colon === -1) return { first, last: first };
  const last = colon === text.length - 1 ? max : read(text.slice(colon + 1));
  return last === undefined || first > last ? undefined : { first, last };
}

export interface Mark {
  readonly value: number;
  readonly mask: number;
}

/** `0x4000`, `0x4000/0x4000`: a mark and its mask, all bits if there is none. */
export function readMark(text: string): Mark | undefined {
  const slash = text.indexOf('/');
  const value = readUint(slash === -1 ? text : text.slice(0, slash), UINT32);
  const mask = slash === -1 ? UINT32 : readUint(text.slice(slash + 1), UINT32);
  return value === undefined || mask === undefined ? undefined : { value, mask };
}
