import type { FieldPath } from '../../diag/source-location.ts';
import { parseIp } from '../../model/ip.ts';
import { IPVS_LINK } from '../../ruleset/compiled-rules.ts';
import { readEntry } from '../../ruleset/read-set-entry.ts';
import type { IpSetPart } from '../../ruleset/ip-set.ts';
import { describeValue, type Mapping } from '../../util/mapping.ts';
import { isKubeProxySet } from '../cleanup/kube-sets.ts';
import { addressItem, memberItem, type IpvsItem, type IpvsObject } from '../ipvs/ipvs-item.ts';
import { changeKey, compareChanges, type IpvsChange, type IpvsPlan } from '../ipvs/ipvs-plan.ts';
import type { FieldReader } from './field-reader.ts';
import { readRealServerValue, readServerValue, readSetValue, readTimeoutsValue } from './read-ipvs-value.ts';
import { readRealServerName, readServerName } from './read-server-name.ts';

const OBJECTS: readonly IpvsObject[] = [
  'timeouts',
  'link',
  'address',
  'set',
  'member',
  'virtual-server',
  'real-server',
];

/** The part `ipvs` of a plan file; undefined if it has none. What it says for people is made anew. */
export function readIpvsPlan(value: unknown, reader: FieldReader): IpvsPlan | undefined {
  if (value === undefined) return undefined;
  const path = ['ipvs'];
  const fields = reader.mapping(value, path);
  const changes = reader
    .list(fields, 'changes', path)
    .flatMap((change, i) => readChange(change, [...path, 'changes', i], reader));
  if (new Set(changes.map(changeKey)).size < changes.length) reader.fault([...path, 'changes'], 'has an item twice');
  return { changes: [...changes].sort(compareChanges), notes: reader.texts(fields, 'notes', path) };
}

function readChange(value: unknown, path: FieldPath, reader: FieldReader): readonly IpvsChange[] {
  const fields = reader.mapping(value, path);
  const kind = reader.oneOf(fields, 'kind', ['add', 'remove', 'change'], path);
  const object = reader.oneOf(fields, 'object', OBJECTS, path);
  const service = reader.optionalText(fields, 'service', path);
  const reason = reader.text(fields, 'reason', path);
  if (kind === undefined || object === undefined) return [];
  const read = (field: 'previous' | 'next'): IpvsItem | undefined => readItem(fields, { object, field, path, reader });
  const previous = kind === 'add' ? undefined : read('previous');
  const next = kind === 'remove' ? undefined : read('next');
  if (previous === undefined && next === undefined) return [];
  return [{ previous, next, service, reason }];
}

interface ItemContext {
  readonly object: IpvsObject;
  readonly field: 'previous' | 'next';
  readonly path: FieldPath;
  readonly reader: FieldReader;
}

function readItem(fields: Mapping, context: ItemContext): IpvsItem | undefined {
  const { object, path, reader } = context;
  const name = reader.text(fields, 'name', path);
  const item = itemNamed(name, fields, context);
  if (item !== undefined && item.name === name) return item;
  reader.fault([...path, 'name'], `${describeValue(name)} names no ${object.replace('-', ' ')} of the ipvs mode`);
  return undefined;
}

function itemNamed(name: string, fields: Mapping, { object, field, path, reader }: ItemContext): IpvsItem | undefined {
  const value = { value: fields[field], path: [...path, field], reader };
  switch (object) {
    case 'link':
      return { object, name: IPVS_LINK };
    case 'address': {
      const ip = parseIp(name);
      return ip === undefined ? undefined : addressItem(ip);
    }
    case 'timeouts':
      return { object, name: 'timeouts', value: readTimeoutsValue(value) };
    case 'set':
      return isKubeProxySet(name) ? { object, name, value: readSetValue(value) } : undefined;
    case 'member':
      return readMember(reader.text(fields, 'set', path), name);
    case 'virtual-server': {
      const address = readServerName(name);
      return address === undefined ? undefined : { object, name, address, value: readServerValue(value) };
    }
    case 'real-server': {
      const [server, real] = [readServerName(reader.text(fields, 'server', path)), readRealServerName(name)];
      if (server === undefined || real === undefined) return undefined;
      return { object, name, server, ...real, value: readRealServerValue(value) };
    }
  }
}

/** The form of a member tells the type of its set, of those that kube-proxy has. */
function readMember(set: string, text: string): IpvsItem | undefined {
  const [element = '', ...options] = text.split(' ');
  const kinds = ['', /^\d+$/.test(element) ? 'bitmap:port' : 'hash:ip', 'hash:ip,port', 'hash:ip,port,net'];
  const type = kinds[element.split(',').length];
  const entry = type === undefined ? undefined : readEntry([element, ...options], { type });
  if (entry === undefined || !isKubeProxySet(set) || !entry.parts.every(isPlain)) return undefined;
  return memberItem({ name: set, family: 'ipv4' }, { ...entry, options: entry.nomatch ? ['nomatch'] : [] });
}

function isPlain({ kind }: IpSetPart): boolean {
  return kind === 'network' || kind === 'port';
}
