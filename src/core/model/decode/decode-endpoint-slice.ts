import {
  protocols,
  type Endpoints,
  type EndpointsAddress,
  type EndpointSlice,
  type ObjectMeta,
  type SliceEndpoint,
  type SlicePort,
} from '../kubernetes.ts';
import { isDnsLabel } from '../names.ts';
import type { Fields } from './fields.ts';
import { knownFields } from './known-fields.ts';

export function decodeEndpointSlice(object: Fields, metadata: ObjectMeta): EndpointSlice {
  object.only(knownFields.endpointSlice);
  return {
    kind: 'EndpointSlice',
    metadata,
    addressType: object.oneOf('addressType', ['IPv4', 'IPv6', 'FQDN'] as const) ?? missingAddressType(object),
    ports: object.list('ports', readSlicePort),
    endpoints: object.list('endpoints', readEndpoint),
  };
}

function missingAddressType(object: Fields): 'FQDN' {
  if (!object.has('addressType')) object.problem('addressType', 'one of IPv4, IPv6, FQDN');
  return 'FQDN';
}

function readSlicePort(port: Fields): SlicePort {
  const name = port.only(knownFields.endpointPort).string('name');
  if (name !== undefined && name !== '' && !isDnsLabel(name)) port.problem('name', 'a DNS label');
  return { name, port: port.integer('port', 0, 65_535), protocol: port.oneOf('protocol', protocols) };
}

const NO_HINTS: readonly string[] = [];

function readEndpoint(endpoint: Fields): SliceEndpoint {
  const conditions = endpoint.only(knownFields.endpoint).object('conditions')?.only(knownFields.endpointConditions);
  const hints = endpoint.object('hints')?.only(knownFields.endpointHints);
  return {
    addresses: endpoint.strings('addresses'),
    ready: conditions?.boolean('ready'),
    serving: conditions?.boolean('serving'),
    terminating: conditions?.boolean('terminating'),
    nodeName: endpoint.string('nodeName'),
    zone: endpoint.string('zone'),
    zoneHints: hints === undefined ? NO_HINTS : readHints(hints, 'forZones'),
    nodeHints: hints === undefined ? NO_HINTS : readHints(hints, 'forNodes'),
  };
}

function readHints(hints: Fields, name: string): readonly string[] {
  return hints.list(name, (hint) => hint.only(knownFields.hint).string('name') ?? '').filter((text) => text !== '');
}

export function decodeEndpoints(object: Fields, metadata: ObjectMeta): Endpoints {
  object.only(knownFields.endpoints);
  return {
    kind: 'Endpoints',
    metadata,
    subsets: object.list('subsets', readSubset),
  };
}

function readSubset(subset: Fields): Endpoints['subsets'][number] {
  return {
    addresses: subset.only(knownFields.endpointSubset).list('addresses', readAddress),
    notReadyAddresses: subset.list('notReadyAddresses', readAddress),
    ports: subset.list('ports', readSlicePort),
  };
}

function readAddress(address: Fields): EndpointsAddress {
  return { ip: address.only(knownFields.endpointAddress).string('ip') ?? '', nodeName: address.string('nodeName') };
}
