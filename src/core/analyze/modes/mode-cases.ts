import { ipToNumber, isLoopback, parseIp, type Ip } from '../../model/ip.ts';
import type { ServicePortEntry } from '../../services/service-port.ts';
import type { ServiceTable } from '../../services/service-table.ts';
import { addressNumber } from '../verify/address-number.ts';
import { boundAddresses, type IpvsMeaning } from '../verify/ipvs/ipvs-specification.ts';
import { LOCAL, UNICAST } from '../verify/place.ts';
import { PROTOCOL_NUMBERS, type Frontend, type FrontendKind } from '../verify/specification.ts';

/** Looks like an ordinary port; the next one that no Service has is taken. */
const SOME_PORT = 8443;
/** An address that the node may have and that nobody has told (RFC 5737, RFC 3849). */
const UNTOLD = { ipv4: '203.0.113.80', ipv6: '2001:db8:ffff::80' } as const;

/** One destination that is looked at. */
export interface ModeCase {
  readonly address: bigint;
  readonly protocol: number;
  readonly port: number;
  /** What the address is to routing in either mode. */
  readonly types: { readonly iptables: number; readonly ipvs: number };
  readonly frontend: Frontend;
  readonly role: 'frontend' | 'other-port' | 'localhost' | 'untold';
}

/** The Services that the ipvs mode has at a destination, the one that gets its packets first. */
export type FrontendsAt = (at: Destination) => readonly Frontend[];

export interface Destination {
  readonly address: bigint;
  readonly protocol: number;
  readonly port: number;
  /** What the address is to routing. */
  readonly types: number;
}

/** What the modes are compared at: each address of each Service, with a port of it, and once with one that is of none; each nodePort. */
export function* modeCases(meaning: IpvsMeaning, frontendsAt: FrontendsAt): Generator<ModeCase> {
  const { table, localAddresses } = meaning;
  const own = new Set(localAddresses.map(({ text }) => text));
  const bound = new Set(boundAddresses(meaning).map(({ text }) => text));
  const seen = new Set<string>();
  for (const port of table.servicePorts) {
    const protocol = PROTOCOL_NUMBERS[port.protocol];
    for (const [kind, ip] of addressesOf(port)) {
      const address = addressNumber(ip);
      const frontend: Frontend = { kind, port };
      const types = { iptables: own.has(ip.text) ? LOCAL : UNICAST, ipvs: LOCAL };
      if (isOwner(frontend, frontendsAt({ address, protocol, port: port.port, types: UNICAST })))
        yield { address, protocol, port: port.port, types, frontend, role: 'frontend' };
      if (!bound.has(ip.text) || seen.has(ip.text)) continue;
      seen.add(ip.text);
      yield { address, protocol: 6, port: freePort(address, table, frontendsAt), types, frontend, role: 'other-port' };
    }
    if (port.nodePort !== 0) yield* nodePortCases(port, protocol, meaning);
  }
}

function* nodePortCases(
  port: ServicePortEntry,
  protocol: number,
  { settings, localAddresses }: IpvsMeaning,
): Generator<ModeCase> {
  const frontend: Frontend = { kind: 'nodePort', port };
  const types = { iptables: LOCAL, ipvs: LOCAL };
  const at = (ip: Ip, role: ModeCase['role']): ModeCase => {
    return { address: ipToNumber(ip), protocol, port: port.nodePort, types, frontend, role };
  };
  for (const ip of localAddresses) if (!isLoopback(ip)) yield at(ip, 'frontend');
  const localhost = parseIp(settings.family === 'ipv4' ? '127.0.0.1' : '::1');
  const untold = parseIp(UNTOLD[settings.family]);
  if (localhost !== undefined) yield at(localhost, 'localhost');
  if (untold !== undefined) yield at(untold, 'untold');
}

/** Two Services may claim one address, and one Service name it twice: it is told of the one that has it. */
function isOwner({ kind, port }: Frontend, [owner]: readonly Frontend[]): boolean {
  return owner?.port === port && owner.kind === kind;
}

function freePort(address: bigint, { servicePorts }: ServiceTable, frontendsAt: FrontendsAt): number {
  const taken = new Set(servicePorts.flatMap((port) => [port.port, port.nodePort, port.healthCheckNodePort]));
  let port = SOME_PORT;
  while (taken.has(port) || frontendsAt({ address, protocol: 6, port, types: LOCAL }).length > 0) port += 1;
  return port;
}

function addressesOf(port: ServicePortEntry): readonly (readonly [FrontendKind, Ip])[] {
  return [
    ['clusterIP', port.clusterIp],
    ...port.externalIps.map((ip) => ['externalIP', ip] as const),
    ...port.loadBalancerIps.map((ip) => ['loadBalancerIP', ip] as const),
  ];
}
