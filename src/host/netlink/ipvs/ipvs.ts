// IPVS: virtual services, their destinations, timeouts. Names are those of ip_vs.h and ipvsadm(8).
import type { Attribute, AttributeTree } from '../codec/attribute.ts';
import type { Message } from '../codec/message.ts';
import { readNestedAttribute, readU32Attribute, required } from '../codec/read-attribute.ts';
import { u32Attribute } from '../codec/write-attribute.ts';
import { findFamily, genericAttributes, genericHeader, type GenericFamily } from '../generic/family.ts';
import type { NetlinkError } from '../netlink-error.ts';
import type { NetlinkRequest, NetlinkSocket } from '../request.ts';
import { IPVS_CMD, IPVS_CMD_ATTR, IPVS_FAMILY, IPVS_INFO_ATTR, IPVS_VERSION } from './constants.ts';
import {
  describeDestination,
  destinationAttribute,
  destinationKeyAttribute,
  readDestination,
  type IpvsDestination,
  type IpvsDestinationKey,
  type IpvsDestinationState,
} from './destination.ts';
import {
  describeKey,
  familyOfKey,
  keyAttribute,
  readService,
  serviceAttribute,
  type IpvsService,
  type IpvsServiceKey,
} from './service.ts';

/** A socket of generic netlink on which the kernel's IPVS was found. */
export interface Ipvs {
  readonly socket: NetlinkSocket;
  readonly family: GenericFamily;
}

/** Loads the module ip_vs if need be. Throws NetlinkError with ENOENT if the kernel has no IPVS. */
export function findIpvs(socket: NetlinkSocket): Ipvs {
  return { socket, family: findFamily(socket, IPVS_FAMILY) };
}

/** Seconds that connections without packets are remembered. */
export interface IpvsTimeouts {
  readonly tcp: number;
  readonly tcpFin: number;
  readonly udp: number;
}

export interface IpvsInfo {
  /** `1.2.1` */
  readonly version: string;
  /** Buckets of the connection table. */
  readonly connectionTableSize: number;
}

/** One thing to do to services and destinations. */
export type IpvsChange =
  | { readonly kind: 'add-service' | 'edit-service'; readonly service: IpvsService }
  | { readonly kind: 'delete-service'; readonly key: IpvsServiceKey }
  | {
      readonly kind: 'add-destination' | 'edit-destination';
      readonly key: IpvsServiceKey;
      readonly destination: IpvsDestination;
    }
  | {
      readonly kind: 'delete-destination';
      readonly key: IpvsServiceKey;
      readonly destination: IpvsDestinationKey;
    };

export interface IpvsChangeFailure {
  /** Its place among the changes, from 0. */
  readonly index: number;
  /**
   * EEXIST: it is there already. ESRCH: there is no such service. ENOENT: there is no such destination, or the kernel has no such scheduler.
   * EINVAL: among others, a destination's address is not unicast, as no IPv4 address is in a network namespace that never had one itself.
   */
  readonly error: NetlinkError;
}

/** All services of the network namespace, in the kernel's order. */
export function listServices(ipvs: Ipvs): readonly IpvsService[] {
  const request = requestOf(ipvs, 'list the virtual services', IPVS_CMD.GET_SERVICE, []);
  return ipvs.socket.dump(request, (message) => readService(nestOf(message, IPVS_CMD_ATTR.SERVICE)));
}

/** The destinations of one service, in the kernel's order; none, too, if there is no such service. */
export function listDestinations(ipvs: Ipvs, key: IpvsServiceKey): readonly IpvsDestinationState[] {
  const operation = `list the real servers of ${describeKey(key)}`;
  const request = requestOf(ipvs, operation, IPVS_CMD.GET_DEST, [keyAttribute(key)]);
  const read = (message: Message): IpvsDestinationState =>
    readDestination(nestOf(message, IPVS_CMD_ATTR.DEST), familyOfKey(key));
  return ipvs.socket.dump(request, read);
}

/** Throws NetlinkError for the one change. */
export function changeIpvs(ipvs: Ipvs, change: IpvsChange): void {
  ipvs.socket.execute(requestOfChange(ipvs, change));
}

/** Does all of them in order, each by itself: one that is refused does not stop those behind it. Gives those that were refused. */
export function changeIpvsInBulk(ipvs: Ipvs, changes: readonly IpvsChange[]): readonly IpvsChangeFailure[] {
  const requests = changes.map((change) => requestOfChange(ipvs, change));
  return ipvs.socket.batch(requests).map(({ index, error }) => ({ index, error }));
}

/** Removes all services of the network namespace, with their destinations. */
export function flushServices(ipvs: Ipvs): void {
  ipvs.socket.execute(requestOf(ipvs, 'remove all virtual services', IPVS_CMD.FLUSH, []));
}

export function getTimeouts(ipvs: Ipvs): IpvsTimeouts {
  const request = requestOf(ipvs, 'get the timeouts of IPVS', IPVS_CMD.GET_CONFIG, []);
  const attributes = ipvs.socket.query(request).flatMap(genericAttributes);
  const seconds = (type: number): number => required(readU32Attribute(attributes, type), 'timeout');
  return {
    tcp: seconds(IPVS_CMD_ATTR.TIMEOUT_TCP),
    tcpFin: seconds(IPVS_CMD_ATTR.TIMEOUT_TCP_FIN),
    udp: seconds(IPVS_CMD_ATTR.TIMEOUT_UDP),
  };
}

/** Those that are left out, or 0, stay as they are. */
export function setTimeouts(ipvs: Ipvs, { tcp = 0, tcpFin = 0, udp = 0 }: Partial<IpvsTimeouts>): void {
  const attributes = [
    u32Attribute(IPVS_CMD_ATTR.TIMEOUT_TCP, tcp),
    u32Attribute(IPVS_CMD_ATTR.TIMEOUT_TCP_FIN, tcpFin),
    u32Attribute(IPVS_CMD_ATTR.TIMEOUT_UDP, udp),
  ];
  ipvs.socket.execute(requestOf(ipvs, 'set the timeouts of IPVS', IPVS_CMD.SET_CONFIG, attributes));
}

export function getInfo(ipvs: Ipvs): IpvsInfo {
  const request = requestOf(ipvs, 'ask IPVS for its version', IPVS_CMD.GET_INFO, []);
  const attributes = ipvs.socket.query(request).flatMap(genericAttributes);
  const version = required(readU32Attribute(attributes, IPVS_INFO_ATTR.VERSION), 'version');
  return {
    version: [version >> 16, version >> 8, version].map((part) => part & 0xff).join('.'),
    connectionTableSize: required(readU32Attribute(attributes, IPVS_INFO_ATTR.CONN_TAB_SIZE), 'table size'),
  };
}

function requestOfChange(ipvs: Ipvs, change: IpvsChange): NetlinkRequest {
  const { command, verb } = CHANGES[change.kind];
  switch (change.kind) {
    case 'add-service':
    case 'edit-service': {
      const { service } = change;
      return requestOf(ipvs, `${verb} ${describeKey(service.key)}`, command, [serviceAttribute(service)]);
    }
    case 'delete-service':
      return requestOf(ipvs, `${verb} ${describeKey(change.key)}`, command, [keyAttribute(change.key)]);
    case 'add-destination':
    case 'edit-destination':
    case 'delete-destination': {
      const { key, destination } = change;
      const operation = `${verb} ${describeDestination(destination)} of ${describeKey(key)}`;
      const attribute =
        change.kind === 'delete-destination'
          ? destinationKeyAttribute(change.destination)
          : destinationAttribute(change.destination);
      return requestOf(ipvs, operation, command, [keyAttribute(key), attribute]);
    }
  }
}

const CHANGES: { readonly [kind in IpvsChange['kind']]: { readonly command: number; readonly verb: string } } = {
  'add-service': { command: IPVS_CMD.NEW_SERVICE, verb: 'add the virtual service' },
  'edit-service': { command: IPVS_CMD.SET_SERVICE, verb: 'change the virtual service' },
  'delete-service': { command: IPVS_CMD.DEL_SERVICE, verb: 'delete the virtual service' },
  'add-destination': { command: IPVS_CMD.NEW_DEST, verb: 'add the real server' },
  'edit-destination': { command: IPVS_CMD.SET_DEST, verb: 'change the real server' },
  'delete-destination': { command: IPVS_CMD.DEL_DEST, verb: 'delete the real server' },
};

function requestOf(
  { family }: Ipvs,
  operation: string,
  command: number,
  attributes: readonly AttributeTree[],
): NetlinkRequest {
  return { operation, type: family.id, flags: 0, header: genericHeader(command, IPVS_VERSION), attributes };
}

function nestOf(message: Message, type: number): readonly Attribute[] {
  return required(readNestedAttribute(genericAttributes(message), type), 'nest');
}
