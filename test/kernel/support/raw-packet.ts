// Packets made by hand, so that exactly one of them is sent: a socket's own kernel would go on talking.
import { isIPv6 } from 'node:net';

export interface RawPacket {
  readonly protocol: 'tcp' | 'udp' | 'ping';
  readonly source: string;
  readonly destination: string;
  /** Of a ping: its identifier. */
  readonly sourcePort: number;
  readonly destinationPort: number;
}

const NUMBERS = { tcp: 6, udp: 17 } as const;

/** What follows the IP header: a SYN, a datagram of four bytes, or an echo request. */
function payloadOf(packet: RawPacket): Uint8Array {
  const { protocol } = packet;
  if (protocol === 'tcp') return withChecksum(synOf(packet), 16, packet);
  if (protocol === 'udp') return withChecksum(datagramOf(packet), 6, packet);
  return pingOf(packet);
}

function words(...values: readonly number[]): number[] {
  return values.flatMap((value) => [value >> 8, value & 255]);
}

function synOf({ sourcePort, destinationPort }: RawPacket): number[] {
  const sequence = words(0x1234, 0x5678);
  return [...words(sourcePort, destinationPort), ...sequence, 0, 0, 0, 0, 0x50, 0x02, ...words(64_240), 0, 0, 0, 0];
}

function datagramOf({ sourcePort, destinationPort }: RawPacket): number[] {
  return [...words(sourcePort, destinationPort, 12, 0), 1, 2, 3, 4];
}

function pingOf(packet: RawPacket): Uint8Array {
  const six = isIPv6(packet.destination);
  const bytes = [six ? 128 : 8, 0, 0, 0, ...words(packet.sourcePort, 1), 1, 2, 3, 4];
  // The kernel fills in that of ICMPv6.
  const sum = six ? 0 : checksum(bytes);
  return Uint8Array.from([...bytes.slice(0, 2), ...words(sum), ...bytes.slice(4)]);
}

/** RFC 1071 over the pseudo header and the payload. */
function withChecksum(bytes: readonly number[], at: number, packet: RawPacket): Uint8Array {
  const { protocol, source, destination } = packet;
  const number = protocol === 'ping' ? 0 : NUMBERS[protocol];
  const pseudo = [...addressBytes(source), ...addressBytes(destination), ...words(number, bytes.length)];
  const sum = checksum([...pseudo, ...bytes]) || 0xffff;
  return Uint8Array.from([...bytes.slice(0, at), ...words(sum), ...bytes.slice(at + 2)]);
}

function checksum(bytes: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) + (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function addressBytes(text: string): readonly number[] {
  if (!isIPv6(text)) return text.split('.').map(Number);
  const [head = '', tail = ''] = text.split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const [first, last] = [groups(head), groups(tail)];
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => 0);
  return words(...first, ...(text.includes('::') ? zeros : []), ...last);
}

/** A line of shell that sends it, from wherever it is run. */
export function sendCommand(packet: RawPacket): string {
  const six = isIPv6(packet.destination);
  const number = packet.protocol === 'ping' ? (six ? 58 : 1) : NUMBERS[packet.protocol];
  const bracket = (address: string): string => (six ? `[${address}]` : address);
  const bytes = [...payloadOf(packet)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  const address = `IP${six ? 6 : 4}-SENDTO:${bracket(packet.destination)}:${number},bind=${bracket(packet.source)}`;
  // The shell's own printf would write a packet with a newline in it in two parts.
  return `env printf '${bytes}' | socat -u STDIN ${address}`;
}
