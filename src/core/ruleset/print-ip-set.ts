import { ipFromNumber, savedIpText } from '../model/ip.ts';
import type { IpSet, IpSetEntry, IpSetPart } from './ip-set.ts';
import { protocolText } from './protocols.ts';

/** An element as `ipset save` prints it: `10.0.0.1,tcp:80,10.0.0.0/8`. A network of one address has no prefix. */
export function elementText({ parts }: Pick<IpSetEntry, 'parts'>, { family }: Pick<IpSet, 'family'>): string {
  return parts.map((part) => partText(part, family)).join(',');
}

/** The name of a set as a word: one with blanks stands in quotes. */
export function setNameText(name: string): string {
  return /\s/.test(name) ? `"${name}"` : name;
}

function partText(part: IpSetPart, family: IpSet['family']): string {
  switch (part.kind) {
    case 'network': {
      const { text, prefix } = part.network;
      const single = prefix === (part.network.family === 'ipv4' ? 32 : 128);
      return single ? text.slice(0, text.lastIndexOf('/')) : text;
    }
    case 'addresses':
      return [part.first, part.last].map((value) => savedIpText(ipFromNumber(family, value))).join('-');
    case 'port': {
      const { first, last } = part.ports;
      const ports = first === last ? `${first}` : `${first}-${last}`;
      return part.protocol === undefined ? ports : `${protocolText(part.protocol)}:${ports}`;
    }
    case 'mark':
      return `0x${part.value.toString(16).padStart(8, '0')}`;
    case 'set':
      return setNameText(part.name);
    case 'other':
      return part.text;
  }
}
