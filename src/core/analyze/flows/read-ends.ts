// What `from` and `to` of a flow may be.
import type { FieldPath } from '../../diag/source-location.ts';
import { protocolNumber } from '../../ruleset/protocols.ts';
import type { Mapping } from '../../util/mapping.ts';
import type { FlowDestination, FlowSource, FlowTarget, ObjectName } from './flow.ts';
import type { Problems } from './problems.ts';
import { isPort, splitEndpoint } from './read-endpoint.ts';

const FROM = 'an address, node, outside, or pod/NAMESPACE/NAME';
const TO = 'ADDRESS:PORT, ADDRESS:PORT/udp, svc/NAMESPACE/NAME:PORT, pod/NAMESPACE/NAME:PORT or node:PORT';

export function readSource(row: Mapping, path: FieldPath, problems: Problems): FlowSource | undefined {
  const value = row['from'];
  const at = [...path, 'from'];
  if (value === undefined) {
    problems.invalid(path, `a flow needs from: ${FROM}`);
    return undefined;
  }
  const source = typeof value === 'string' ? sourceOf(value) : undefined;
  if (source === undefined) problems.wrong(at, value, FROM);
  return source;
}

function sourceOf(text: string): FlowSource | undefined {
  if (text === 'node' || text === 'outside') return { kind: text };
  const pod = /^pods?\/(.+)$/.exec(text)?.[1];
  if (pod !== undefined) return named('pod', pod);
  const parts = splitEndpoint(text);
  return parts === undefined || parts.port !== undefined ? undefined : { kind: 'address', ip: parts.ip };
}

/** `NAMESPACE/NAME`; the namespace is default if it is left out. */
function named<K extends 'pod' | 'service'>(kind: K, text: string): ({ readonly kind: K } & ObjectName) | undefined {
  const [, first, second] = /^([^/:\s]+)(?:\/([^/:\s]+))?$/.exec(text) ?? [];
  if (first === undefined) return undefined;
  return second === undefined ? { kind, namespace: 'default', name: first } : { kind, namespace: first, name: second };
}

export function readDestination(row: Mapping, path: FieldPath, problems: Problems): FlowDestination | undefined {
  const value = row['to'];
  if (value === undefined) {
    problems.invalid(path, `a flow needs to: ${TO}`);
    return undefined;
  }
  const found = typeof value === 'string' ? destinationOf(value) : undefined;
  if (found === undefined) {
    problems.wrong([...path, 'to'], value, TO);
    return undefined;
  }
  const port = readPort(row, found, path, problems);
  const protocol = readProtocol(row, found, path, problems);
  return { target: found.target, port, protocol };
}

/** Behind a name, a protocol can only stand behind a port: svc/web/udp is a Service called udp. */
const NAMED = /^(svc|services?|pods?)\/([^:]+)(?::([^/:\s]+)(?:\/([A-Za-z]+))?)?$/;

function destinationOf(text: string): FlowDestination | undefined {
  const [, kind, name = '', portText, protocolOfName] = NAMED.exec(text) ?? [];
  const [, place = '', protocolOfPlace] = /^(.*?)(?:\/([A-Za-z]+))?$/.exec(text) ?? [];
  const protocolText = kind === undefined ? protocolOfPlace : protocolOfName;
  const protocol = protocolText === undefined ? undefined : protocolNumber(protocolText);
  if (protocolText !== undefined && protocol === undefined) return undefined;
  if (kind === undefined) return placeOf(place, protocol);
  const target: FlowTarget | undefined = named(kind.startsWith('pod') ? 'pod' : 'service', name);
  const port = portText === undefined ? undefined : portOf(portText);
  if (target === undefined || (target.kind === 'pod' && typeof port === 'string')) return undefined;
  return { target, port, protocol };
}

function placeOf(text: string, protocol: number | undefined): FlowDestination | undefined {
  const node = /^node(?::(\d{1,5}))?$/.exec(text);
  if (node !== null) {
    const port = node[1] === undefined ? undefined : Number(node[1]);
    return port === undefined || isPort(port) ? { target: { kind: 'node' }, port, protocol } : undefined;
  }
  const parts = splitEndpoint(text);
  return parts === undefined ? undefined : { target: { kind: 'address', ip: parts.ip }, port: parts.port, protocol };
}

function portOf(text: string): number | string {
  return /^\d{1,5}$/.test(text) && isPort(Number(text)) ? Number(text) : text;
}

function readPort(
  row: Mapping,
  { target, port }: FlowDestination,
  path: FieldPath,
  problems: Problems,
): FlowDestination['port'] {
  const value = row['port'];
  if (value === undefined) return port;
  const at = [...path, 'port'];
  if (port !== undefined) problems.invalid(at, `the port is said twice: ${String(port)} behind to, and here`);
  const isName = target.kind === 'service' && typeof value === 'string' && value !== '';
  if (isPort(value) || isName) return value;
  problems.wrong(at, value, target.kind === 'service' ? 'a port, 1 to 65535, or its name' : 'a port, 1 to 65535');
  return undefined;
}

function readProtocol(
  row: Mapping,
  { protocol }: FlowDestination,
  path: FieldPath,
  problems: Problems,
): number | undefined {
  const value = row['protocol'];
  if (value === undefined) return protocol;
  const at = [...path, 'protocol'];
  if (protocol !== undefined) problems.invalid(at, 'the protocol is said twice: behind to, and here');
  const found = typeof value === 'string' ? protocolNumber(value) : undefined;
  if (found === undefined) problems.wrong(at, value, 'tcp, udp, sctp or icmp');
  return found;
}
