import { endpointText } from './address.ts';
import type { Scene } from './answer.ts';
import type { Connection } from './course.ts';

/** Which packet of a connection a question is about, and to which endpoint it goes. */
export interface WhichPacket {
  /** Two packets with one key are the same packet, with the same addresses. */
  readonly key: string;
  /** Behind a sentence: ` (to 10.244.1.5:8080)`, ` (reply of 10.244.1.5)`; empty for a first packet that nobody has sent elsewhere. */
  readonly text: string;
}

export function whichPacket({ course: { header, connection } }: Pick<Scene, 'course'>): WhichPacket {
  const endpoint = endpointOf(connection);
  const role = roleOf(connection);
  const addresses = [
    endpointText(header.source, header.sourcePort),
    endpointText(header.destination, header.destinationPort),
  ];
  const words =
    role === 'reply'
      ? ['reply', ...(endpoint === undefined ? [] : [`of ${endpoint}`])]
      : [...(role === 'later' ? ['later packet'] : []), ...(endpoint === undefined ? [] : [`to ${endpoint}`])];
  return {
    key: [role, endpoint ?? '', ...addresses].join(' '),
    text: words.length === 0 ? '' : ` (${words.join(' ')})`,
  };
}

/** Of one connection, the packets may be answered differently. */
export function roleOf({ direction, state }: Connection): 'first' | 'later' | 'reply' {
  if (direction === 'REPLY') return 'reply';
  return state === 'ESTABLISHED' ? 'later' : 'first';
}

/** What NAT or IPVS chose; with the port where it is another one. */
function endpointOf({ destinationNat, ipvs, original }: Connection): string | undefined {
  const chosen = destinationNat ?? ipvs?.real;
  if (chosen === undefined) return undefined;
  return endpointText(chosen.address, chosen.port === original.destinationPort ? undefined : chosen.port);
}
