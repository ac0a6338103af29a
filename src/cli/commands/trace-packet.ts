import {
  addressOf,
  sameAddress,
  isLoopbackAddress,
  type Address,
  type KnownAddress,
} from '../../core/analyze/trace/address.ts';
import { hasPorts, PROTOCOL, type TracePacket } from '../../core/analyze/trace/packet.ts';
import type { IpFamily } from '../../core/model/ip.ts';
import type { PacketFlags } from '../options/packet-options.ts';
import { UsageError } from '../usage-error.ts';
import { ipOf, type TraceEnd, type TraceSource } from './trace-ends.ts';

export interface OwnAddresses {
  readonly local: readonly KnownAddress[];
  /** Whether kube-ipvs0 has it. */
  readonly virtual: (address: KnownAddress) => boolean;
}

/** The packet that the options describe. `families` are those of which there are rules. */
export function packetOf(
  from: TraceSource,
  to: TraceEnd,
  flags: PacketFlags,
  { local, virtual }: OwnAddresses,
  families: readonly IpFamily[],
): TracePacket {
  const wanted = from === 'local' ? undefined : from.ips.length === 1 ? from.ips[0]?.family : undefined;
  const family = wanted ?? to.ips.find((ip) => families.includes(ip.family))?.family ?? to.ips[0]?.family;
  const ip = ipOf(to, family);
  if (ip === undefined || family === undefined) {
    throw new UsageError('--from and --to are of two families: give two addresses of IPv4, or two of IPv6');
  }
  const destination = addressOf(ip);
  const own = local.filter((address) => address.family === family);
  const source = from === 'local' ? ownSource(destination, own, virtual) : sourceAddress(from, family);
  const isOwn =
    from === 'local' ||
    (source !== 'own' && (isLoopbackAddress(source) || own.some((one) => sameAddress(one, source))));
  const protocol = to.protocol ?? PROTOCOL.tcp;
  const sourcePort = flags.sport ?? (from === 'local' ? undefined : from.port);
  if (from !== 'local' && from.port !== undefined && flags.sport !== undefined && from.port !== flags.sport) {
    throw new UsageError(`--from has the port ${from.port}, and --sport is ${flags.sport}; leave one of them out`);
  }
  return {
    origin: isOwn ? 'node' : 'network',
    source,
    destination,
    protocol: protocol === PROTOCOL.icmp && family === 'ipv6' ? PROTOCOL.icmp6 : protocol,
    sourcePort: hasPorts(protocol) ? sourcePort : undefined,
    destinationPort: hasPorts(protocol) ? to.port : undefined,
    mark: flags.mark ?? 0,
    inInterface: flags.inInterface,
    outInterface: flags.outInterface,
    state: flags.ctstate,
  };
}

function sourceAddress(from: TraceEnd, family: IpFamily): Address {
  const ip = ipOf(from, family);
  if (ip !== undefined) return addressOf(ip);
  throw new UsageError('--from and --to are of two families: give two addresses of IPv4, or two of IPv6');
}

/** The address that a process of the node sends from: what it speaks to, if that is the node itself; else its first one. */
function ownSource(destination: KnownAddress, own: readonly KnownAddress[], virtual: OwnAddresses['virtual']): Address {
  const isOwn = isLoopbackAddress(destination) || own.some((address) => sameAddress(address, destination));
  if (isOwn || virtual(destination)) return destination;
  return own[0] ?? 'own';
}
