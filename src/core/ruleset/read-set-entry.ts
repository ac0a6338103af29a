import { parseNetwork } from './ip-network.ts';
import type { IpSet, IpSetEntry, IpSetPart } from './ip-set.ts';
import { protocolNumber } from './protocols.ts';

/** `10.0.0.1,tcp:80 timeout 0 nomatch`; undefined if it is no entry of such a set. */
export function readEntry(words: readonly string[], { type }: Pick<IpSet, 'type'>): IpSetEntry | undefined {
  const [element = '', ...options] = words;
  const kinds = type === 'list:set' ? ['set'] : (type.split(':')[1]?.split(',') ?? []);
  const texts = kinds.length === 1 ? [element] : element.split(',');
  if (element === '' || kinds.length === 0 || texts.length !== kinds.length) return undefined;
  const parts = texts.flatMap((text, i) => readPart(text, kinds[i] ?? '', type) ?? []);
  return parts.length === kinds.length ? { parts, nomatch: options.includes('nomatch'), options } : undefined;
}

function readPart(text: string, kind: string, type: string): IpSetPart | undefined {
  switch (kind) {
    case 'ip':
    case 'net':
      return readAddresses(text);
    case 'port':
      return readPort(text, type);
    case 'mark': {
      const value = Number(text);
      return /^(?:0x[0-9a-fA-F]{1,8}|\d{1,10})$/.test(text) ? { kind: 'mark', value } : undefined;
    }
    case 'set':
      return { kind: 'set', name: text };
    case 'mac':
    case 'iface':
      return { kind: 'other', text };
    default:
      return undefined;
  }
}

/** An address, a network, or a range of addresses. */
function readAddresses(text: string): IpSetPart | undefined {
  const [from = '', to] = text.split('-');
  const network = parseNetwork(from);
  if (network === undefined) return undefined;
  if (to === undefined) return { kind: 'network', network };
  const last = parseNetwork(to);
  return last === undefined || last.family !== network.family
    ? undefined
    : { kind: 'addresses', first: network.base, last: last.base };
}

/** `tcp:80`, `53` (TCP where a set knows protocols), `udp:1000-2000`; ICMP has types in their place, which no packet here is asked for. */
function readPort(text: string, type: string): IpSetPart | undefined {
  const [, protocolText, first, last] = /^(?:([a-z0-9-]+):)?(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  if (first === undefined) return /^[a-z0-9-]+:\S+$/.test(text) ? { kind: 'other', text } : undefined;
  const protocol = type.startsWith('bitmap') ? undefined : protocolNumber(protocolText ?? 'tcp');
  if (protocol === undefined && !type.startsWith('bitmap')) return undefined;
  return { kind: 'port', protocol, ports: { first: Number(first), last: Number(last ?? first) } };
}
