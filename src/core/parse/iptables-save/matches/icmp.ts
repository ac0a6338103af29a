import type { IcmpMatch } from '../../../ruleset/match.ts';
import type { NumberRange } from '../../../ruleset/rule-values.ts';
import { extension, type Extension } from '../extension.ts';
import { readUint } from '../read-values.ts';

interface IcmpType {
  readonly type: number | undefined;
  readonly codes: NumberRange;
}

const ALL_CODES: NumberRange = { first: 0, last: 255 };

/** `NAME TYPE` or `NAME TYPE/CODE`. */
function namedTypes(table: string): ReadonlyMap<string, IcmpType> {
  return new Map(
    table.split(', ').map((entry) => {
      const [name = '', number = ''] = entry.split(' ');
      const [type = '', code] = number.split('/');
      const codes = code === undefined ? ALL_CODES : { first: Number(code), last: Number(code) };
      return [name, { type: Number(type), codes }];
    }),
  );
}

/** The names that iptables takes for ICMP types and codes (RFC 792, 950, 1191, 1256, 1812). */
const ICMP = namedTypes(
  'echo-reply 0, pong 0, destination-unreachable 3, network-unreachable 3/0, host-unreachable 3/1, protocol-unreachable 3/2, port-unreachable 3/3, fragmentation-needed 3/4, source-route-failed 3/5, network-unknown 3/6, host-unknown 3/7, network-prohibited 3/9, host-prohibited 3/10, TOS-network-unreachable 3/11, TOS-host-unreachable 3/12, communication-prohibited 3/13, host-precedence-violation 3/14, precedence-cutoff 3/15, source-quench 4, redirect 5, network-redirect 5/0, host-redirect 5/1, TOS-network-redirect 5/2, TOS-host-redirect 5/3, echo-request 8, ping 8, router-advertisement 9, router-solicitation 10, time-exceeded 11, ttl-exceeded 11, ttl-zero-during-transit 11/0, ttl-zero-during-reassembly 11/1, parameter-problem 12, ip-header-bad 12/0, required-option-missing 12/1, timestamp-request 13, timestamp-reply 14, address-mask-request 17, address-mask-reply 18',
);

/** The same for ICMPv6 (RFC 4443, 4861, 2710). */
const ICMP6 = namedTypes(
  'destination-unreachable 1, no-route 1/0, communication-prohibited 1/1, beyond-scope 1/2, address-unreachable 1/3, port-unreachable 1/4, failed-policy 1/5, reject-route 1/6, packet-too-big 2, time-exceeded 3, ttl-exceeded 3, ttl-zero-during-transit 3/0, ttl-zero-during-reassembly 3/1, parameter-problem 4, bad-header 4/0, unknown-header-type 4/1, unknown-option 4/2, echo-request 128, ping 128, echo-reply 129, pong 129, mld-listener-query 130, mld-listener-report 131, mld-listener-done 132, mld-listener-reduction 132, router-solicitation 133, router-advertisement 134, neighbour-solicitation 135, neighbor-solicitation 135, neighbour-advertisement 136, neighbor-advertisement 136, redirect 137',
);

function readType(text: string, named: ReadonlyMap<string, IcmpType>): IcmpType | undefined {
  const known = named.get(text) ?? named.get(text.toLowerCase());
  if (known !== undefined) return known;
  const [, typeText = '', first, last] = /^([^/]+)(?:\/([^:]+)(?::(.+))?)?$/.exec(text) ?? [];
  const type = readUint(typeText, 255);
  const from = first === undefined ? 0 : readUint(first, 255);
  const to = last === undefined ? (first === undefined ? 255 : from) : readUint(last, 255);
  if (type === undefined || from === undefined || to === undefined || from > to) return undefined;
  return { type, codes: { first: from, last: to } };
}

/** The kernel's word for any type: 255 with all its codes (libipt_icmp.c). */
function readAny(text: string): IcmpType | undefined {
  const found = text.toLowerCase() === 'any' ? { type: 255, codes: ALL_CODES } : readType(text, ICMP);
  const isAny = found?.type === 255 && found.codes.first === 0 && found.codes.last === 255;
  return isAny ? { type: undefined, codes: ALL_CODES } : found;
}

export const icmp: Extension<IcmpMatch> = extension({ '--icmp-type': 1 }, (options) => {
  const use = options.use('--icmp-type');
  options.require(use, '--icmp-type');
  const type = options.value(use, 'ICMP type', readAny) ?? { type: undefined, codes: ALL_CODES };
  return { kind: 'icmp', negated: use?.negated ?? false, ...type };
});

export const icmp6: Extension<IcmpMatch> = extension({ '--icmpv6-type': 1 }, (options) => {
  const use = options.use('--icmpv6-type');
  options.require(use, '--icmpv6-type');
  const type = options.value(use, 'ICMPv6 type', (text) => readType(text, ICMP6));
  return { kind: 'icmp6', negated: use?.negated ?? false, ...(type ?? { type: undefined, codes: ALL_CODES }) };
});
