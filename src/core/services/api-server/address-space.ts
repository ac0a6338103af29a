import { familyBits, type Cidr } from '../../model/ip.ts';
import type { ApiServerOptions } from '../../model/prepare-options.ts';
import type { SlotSpace } from './slot-allocator.ts';

/** All addresses of the CIDR, the unusable ones too. */
export function cidrSize(cidr: Cidr): bigint {
  return 1n << BigInt(familyBits(cidr.family) - cidr.prefix);
}

function clamp(value: bigint, least: bigint, most: bigint): bigint {
  if (value < least) return least;
  return value > most ? most : value;
}

/**
 * The usable addresses of a service CIDR: all but the network address and, in IPv4, the broadcast address. Slot 0 is the first of
 * them, which is for default/kubernetes. The lower band is for addresses chosen by people (KEP-3070): a sixteenth of the CIDR,
 * 16 to 256 addresses, none in a CIDR of 16 addresses or fewer.
 */
export function addressSpace(cidr: Cidr): SlotSpace {
  const size = cidrSize(cidr);
  const unusable = cidr.family === 'ipv4' ? 2n : 1n;
  const usable = size > unusable ? size - unusable : 0n;
  return { size: usable, staticSize: size <= 16n ? 0n : clamp(size / 16n, 16n, 256n) };
}

/** The address of a slot, as a number. */
export function slotAddress(cidr: Cidr, slot: bigint): bigint {
  return cidr.base + 1n + slot;
}

/** The node port range; its lower band (KEP-3668) is a 32nd of it, 16 to 128 ports, none in a range under 16 ports. */
export function nodePortSpace(range: ApiServerOptions['nodePortRange']): SlotSpace {
  const size = BigInt(Math.max(0, range.to - range.from + 1));
  return { size, staticSize: size < 16n ? 0n : clamp(size / 32n, 16n, 128n) };
}
