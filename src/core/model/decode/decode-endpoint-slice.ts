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

export function decodeEndpointSlice(object: Fields, metadata: ObjectMeta): EndpointSlice {
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
  const name = port.string('name');
  if (name !== undefined && name !== '' && !isDnsLabel(name)) port.problem('name', 'a DNS label');
  return { name, port: port.integer('port', 0, 65_535), protocol: port.oneOf('protocol', protocols) };
}

const NO_HINTS: readonly string[] = [];

function readEndpoint(endpoint: Fields): SliceEndpoint {
  const conditions = endpoint.object('conditions');
  const hints = endpoint.object('hints');
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
  return hints.list(name, (hint) => hint.string('name') ?? '').filter((text) => text !== '');
}

export function decodeEndpoints(object: Fields, metadata: ObjectMeta): Endpoints {
  return {
    kind: 'Endpoints',
    metadata,
    subsets: object.list('subsets', (subset) => ({
      addresses: subset.list('addresses', readAddress),
      notReadyAddresses: subset.list('notReadyAddresses', readAddress),
      ports: subset.list('ports', readSlicePort),
    })),
  };
}

function readAddress(address: Fields): EndpointsAddress {
  return { ip: address.string('ip') ?? '', nodeName: address.string('nodeName') };
}
