import type { RealServer, VirtualAddress } from '../../ruleset/virtual-server.ts';
import { failed, readEndpoint, readMark, readMask, readNumber, type Read } from './read-parts.ts';
import type { ServiceLine } from './read-command.ts';
import { readSchedulerFlags } from './read-scheduler-flags.ts';

const PROTOCOLS: Readonly<Record<string, 'tcp' | 'udp' | 'sctp'>> = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' };

/** `TCP  10.0.0.1:80 mh (mh-port) persistent 600 mask 255.255.255.0 pe sip ops`, `FWM  8 IPv6 wlc`. */
const SERVICE =
  /^(TCP|UDP|SCTP|FWM)\s+(\S+)(\s+IPv6)?\s+(\S+)(?: \(([^)]*)\))?(?: persistent (\d+))?(?: mask (\S+))?(?: pe (\S+))?( ops)?$/;

/** Undefined if the line is none that names a virtual server. */
export function readListedService(line: string): Read<ServiceLine> | undefined {
  const found = SERVICE.exec(line);
  if (found === null) return undefined;
  const [, kind = '', at = '', v6, scheduler = '', flagsText, secondsText, mask, engine, ops] = found;
  const address = readListedAddress(kind, at, v6 !== undefined);
  if (failed(address)) return address;
  const flags = readSchedulerFlags(scheduler, flagsText);
  if (failed(flags)) return flags;
  const seconds = secondsText === undefined ? undefined : readNumber(secondsText, 2 ** 32 - 1);
  const { value } = address;
  const prefix =
    mask === undefined ? { value: undefined } : readMask(mask, value.kind === 'mark' ? value.family : value.ip.family);
  if (failed(prefix)) return prefix;
  return {
    value: {
      address: value,
      scheduler,
      schedulerFlags: flags.value,
      persistence: seconds === undefined ? undefined : { seconds, prefix: prefix.value },
      persistenceEngine: engine,
      onePacket: ops !== undefined,
    },
  };
}

function readListedAddress(kind: string, at: string, isIpv6: boolean): Read<VirtualAddress> {
  const protocol = PROTOCOLS[kind];
  if (protocol === undefined) {
    const mark = readMark(at);
    if (failed(mark)) return mark;
    return { value: { kind: 'mark', family: isIpv6 ? 'ipv6' : 'ipv4', mark: mark.value } };
  }
  const endpoint = readEndpoint(at);
  if (failed(endpoint)) return endpoint;
  return { value: { kind: 'address', protocol, ip: endpoint.value.ip, port: endpoint.value.port ?? 0 } };
}

/** Local is a real server on the node itself, which older kernels print for packets that are not masqueraded. */
const FORWARDING: Readonly<Record<string, RealServer['forwarding']>> = {
  Masq: 'masquerade',
  Route: 'route',
  Local: 'route',
  Tunnel: 'tunnel',
};

/** `  -> 10.1.0.1:8080   Masq    1      0          0`; undefined if the line is none of that kind. */
export function readListedServer(line: string): Read<RealServer> | undefined {
  const [, at, how = '', weightText = ''] =
    /^\s*->\s+(\S+)\s+(Masq|Route|Local|Tunnel)\s+(\d+)(?:\s+\d+)*\s*$/.exec(line) ?? [];
  if (at === undefined) return undefined;
  const endpoint = readEndpoint(at);
  if (failed(endpoint)) return endpoint;
  const weight = readNumber(weightText, 65_535);
  const forwarding = FORWARDING[how];
  if (weight === undefined || forwarding === undefined) return { problem: 'a weight is a number from 0 to 65535' };
  return { value: { ip: endpoint.value.ip, port: endpoint.value.port ?? 0, forwarding, weight, tunnel: [] } };
}
