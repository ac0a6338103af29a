// Values of items of a plan file. A file is carried out by root, whoever wrote it: every word that could reach a tool is checked here.
import type { FieldPath } from '../../diag/source-location.ts';
import { ipFamilies } from '../../model/ip.ts';
import type { IpvsTimeouts } from '../../model/proxy-config.ts';
import { describeValue, type Mapping } from '../../util/mapping.ts';
import type { RealServerSettings, ServerSettings } from '../ipvs/ipvs-item.ts';
import type { SetShape } from '../ipvs/set-shape.ts';
import type { FieldReader } from './field-reader.ts';

export interface ValueContext {
  readonly value: unknown;
  readonly path: FieldPath;
  readonly reader: FieldReader;
}

/** Those of kube-proxy, of all versions. */
const SET_TYPES = ['hash:ip', 'hash:ip,port', 'hash:ip,port,ip', 'hash:ip,port,net', 'bitmap:port'] as const;
const HEADER_WORD = /^[\w-]{1,32}$/;

export function readSetValue({ value, path, reader }: ValueContext): SetShape {
  const fields = reader.mapping(value, path);
  const header = reader.texts(fields, 'header', path);
  for (const [i, word] of header.entries()) {
    if (!HEADER_WORD.test(word)) reader.fault([...path, 'header', i], 'is no word of a header');
  }
  return {
    type: reader.oneOf(fields, 'type', SET_TYPES, path) ?? 'hash:ip',
    family: reader.oneOf(fields, 'family', ipFamilies, path) ?? 'ipv4',
    header,
  };
}

/** IP_VS_SCHEDNAME_MAXLEN of the kernel is 16, with the zero at the end. */
const SCHEDULER = /^[\w-]{1,15}$/;
const FLAG = /^(?:(?:sh|mh)-(?:fallback|port)|flag-[123])$/;

export function readServerValue({ value, path, reader }: ValueContext): ServerSettings {
  const fields = reader.mapping(value, path);
  const scheduler = reader.text(fields, 'scheduler', path);
  if (!SCHEDULER.test(scheduler)) reader.fault([...path, 'scheduler'], 'is no name of a scheduler');
  const schedulerFlags = reader.texts(fields, 'flags', path);
  for (const [i, flag] of schedulerFlags.entries()) {
    if (!FLAG.test(flag)) reader.fault([...path, 'flags', i], 'is no flag of a scheduler');
  }
  const persistenceEngine = reader.optionalText(fields, 'persistenceEngine', path);
  if (persistenceEngine !== undefined && !SCHEDULER.test(persistenceEngine)) {
    reader.fault([...path, 'persistenceEngine'], 'is no name of a persistence engine');
  }
  const persistence = readPersistence(fields, path, reader);
  return { scheduler, schedulerFlags, persistence, persistenceEngine, onePacket: fields['onePacket'] === true };
}

function readPersistence(fields: Mapping, path: FieldPath, reader: FieldReader): ServerSettings['persistence'] {
  if (fields['persistence'] === undefined) return undefined;
  const here = [...path, 'persistence'];
  const given = reader.mapping(fields['persistence'], here);
  const at = { path: here, reader };
  const prefix = given['prefix'] === undefined ? undefined : readInteger(given, 'prefix', 128, at);
  return { seconds: readInteger(given, 'seconds', 2 ** 32 - 1, at), prefix };
}

const FORWARDINGS = ['masquerade', 'route', 'tunnel'] as const;
/** `--tun-type gue` ... */
const TUNNEL_WORD = /^(?:--tun-(?:type|port|nocsum|csum|remcsum)|[a-z]{3,5}|\d{1,5})$/;

export function readRealServerValue({ value, path, reader }: ValueContext): RealServerSettings {
  const fields = reader.mapping(value, path);
  const tunnel = fields['tunnel'] === undefined ? [] : reader.texts(fields, 'tunnel', path);
  for (const [i, word] of tunnel.entries()) {
    if (!TUNNEL_WORD.test(word)) reader.fault([...path, 'tunnel', i], 'is no word of a tunnel');
  }
  return {
    forwarding: reader.oneOf(fields, 'forwarding', FORWARDINGS, path) ?? 'masquerade',
    weight: readInteger(fields, 'weight', 65_535, { path, reader }),
    tunnel,
  };
}

export function readTimeoutsValue({ value, path, reader }: ValueContext): IpvsTimeouts {
  const fields = reader.mapping(value, path);
  const seconds = (name: string): number => readInteger(fields, name, 2 ** 31 - 1, { path, reader });
  return { tcp: seconds('tcp'), tcpFin: seconds('tcpFin'), udp: seconds('udp') };
}

function readInteger(
  fields: Mapping,
  name: string,
  max: number,
  { path, reader }: Pick<ValueContext, 'path' | 'reader'>,
): number {
  const value = fields[name];
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max) return value;
  reader.fault([...path, name], `must be a number from 0 to ${max}, not ${describeValue(value)}`);
  return 0;
}
