// The kernel's IPVS behind generic netlink, for kernels without it: as strict as the real one, with what it has in files, so that it outlives the
// process that asked, and `ipvsadm` (a stand-in) sees the same. Error numbers are those of net/netfilter/ipvs/ip_vs_ctl.c.
import { constants } from 'node:os';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IpvsTimeouts } from '../../src/core/model/proxy-config.ts';
import { parseIpvsadm } from '../../src/core/parse/ipvsadm/parse-ipvsadm.ts';
import { virtualServerText } from '../../src/core/render/virtual-server-text.ts';
import {
  realServerKey,
  virtualServerKey,
  type RealServer,
  type VirtualServer,
} from '../../src/core/ruleset/virtual-server.ts';
import type { Attribute, AttributeTree } from '../../src/host/netlink/codec/attribute.ts';
import { encodeMessages, type Message } from '../../src/host/netlink/codec/message.ts';
import { NLM_F, NLMSG } from '../../src/host/netlink/codec/netlink-header.ts';
import { writeU32 } from '../../src/host/netlink/codec/byte-order.ts';
import {
  readNestedAttribute,
  readTextAttribute,
  readU32Attribute,
} from '../../src/host/netlink/codec/read-attribute.ts';
import { textAttribute, u16Attribute, u32Attribute } from '../../src/host/netlink/codec/write-attribute.ts';
import { genericAttributes, genericHeader } from '../../src/host/netlink/generic/family.ts';
import { IPVS_CMD, IPVS_CMD_ATTR, IPVS_FAMILY, IPVS_VERSION } from '../../src/host/netlink/ipvs/constants.ts';
import { destinationAttribute, readDestination } from '../../src/host/netlink/ipvs/destination.ts';
import { familyOfKey, readService, serviceAttribute } from '../../src/host/netlink/ipvs/service.ts';
import {
  addressOfKey,
  destinationOf,
  realServerOf,
  serviceOf,
  settingsOfService,
} from '../../src/host/ipvs/netlink-server.ts';

/** GENL_ID_CTRL of include/uapi/linux/genetlink.h; the kernel gives IPVS a number of its own. */
const CONTROL = 0x10;
const IPVS_ID = 0x21;
const { EEXIST, EINVAL, ENOENT, ESRCH } = constants.errno;

/** What a request comes to: messages, then an acknowledgement or the end of a listing; or an error number. */
type Result = readonly (readonly [command: number, attributes: readonly AttributeTree[]])[] | number;

export class FakeIpvsNetlink {
  readonly #folder: string;

  /** @param folder with the files `servers`, as `ipvsadm -Sn` prints them, and `timeouts`; they may be missing */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The answers to one message, a datagram each. */
  answer(message: Message): readonly Uint8Array[] {
    const result = this.#do(message);
    const isDump = (message.flags & NLM_F.DUMP) === NLM_F.DUMP;
    if (typeof result === 'number' && result !== 0) return [acknowledgement(message, result)];
    const items = typeof result === 'number' ? [] : result;
    const flags = isDump ? NLM_F.MULTI : 0;
    const data = items.map(([command, attributes]) =>
      encodeMessages([
        {
          type: message.type,
          flags,
          sequence: message.sequence,
          header: genericHeader(command, IPVS_VERSION),
          attributes,
        },
      ]),
    );
    if (isDump) return [...data, endOfDump(message)];
    return (message.flags & NLM_F.ACK) === 0 ? data : [...data, acknowledgement(message, 0)];
  }

  #do(message: Message): Result {
    const command = message.payload[0] ?? 0;
    const attributes = genericAttributes(message);
    if (message.type === CONTROL) {
      return readTextAttribute(attributes, 2) === IPVS_FAMILY
        ? [[1, [u16Attribute(1, IPVS_ID), textAttribute(2, IPVS_FAMILY), u32Attribute(3, IPVS_VERSION)]]]
        : ENOENT;
    }
    switch (command) {
      case IPVS_CMD.GET_CONFIG: {
        const { tcp, tcpFin, udp } = this.#timeouts();
        const { TIMEOUT_TCP, TIMEOUT_TCP_FIN, TIMEOUT_UDP } = IPVS_CMD_ATTR;
        const values = [u32Attribute(TIMEOUT_TCP, tcp), u32Attribute(TIMEOUT_TCP_FIN, tcpFin)];
        return [[IPVS_CMD.SET_CONFIG, [...values, u32Attribute(TIMEOUT_UDP, udp)]]];
      }
      case IPVS_CMD.SET_CONFIG:
        return this.#setTimeouts(attributes);
      case IPVS_CMD.GET_SERVICE:
        return this.#servers().map(
          (server) => [IPVS_CMD.NEW_SERVICE, [serviceAttribute(serviceOf(server.address, server))]] as const,
        );
      default:
        return this.#change(command, attributes);
    }
  }

  #change(command: number, attributes: readonly Attribute[]): Result {
    const service = readService(readNestedAttribute(attributes, IPVS_CMD_ATTR.SERVICE) ?? []);
    const address = addressOfKey(service.key);
    if (address === undefined) return EINVAL;
    const servers = this.#servers();
    const key = virtualServerKey({ address });
    const there = servers.find((server) => virtualServerKey(server) === key);
    const others = servers.filter((server) => server !== there);
    if (command === IPVS_CMD.NEW_SERVICE) {
      if (there !== undefined) return EEXIST;
      return this.#store([...servers, { address, ...settingsOfService(service), realServers: [] }]);
    }
    if (there === undefined) return command === IPVS_CMD.GET_DEST ? [] : ESRCH;
    if (command === IPVS_CMD.DEL_SERVICE) return this.#store(others);
    if (command === IPVS_CMD.SET_SERVICE) return this.#store([...others, { ...there, ...settingsOfService(service) }]);
    if (command === IPVS_CMD.GET_DEST) {
      return there.realServers.map((one) => [IPVS_CMD.NEW_DEST, [destinationAttribute(destinationOf(one))]] as const);
    }
    const nest = readNestedAttribute(attributes, IPVS_CMD_ATTR.DEST);
    if (nest === undefined) return EINVAL;
    const realServers = realServersAfter(there, command, realServerOf(readDestination(nest, familyOfKey(service.key))));
    return typeof realServers === 'number' ? realServers : this.#store([...others, { ...there, realServers }]);
  }

  #servers(): readonly VirtualServer[] {
    return parseIpvsadm(this.#read('servers')).table.virtualServers;
  }

  #timeouts(): IpvsTimeouts {
    const [tcp = 900, tcpFin = 120, udp = 300] = this.#read('timeouts').trim().split(' ').filter(Boolean).map(Number);
    return { tcp, tcpFin, udp };
  }

  #setTimeouts(attributes: readonly Attribute[]): Result {
    const old = this.#timeouts();
    const { TIMEOUT_TCP, TIMEOUT_TCP_FIN, TIMEOUT_UDP } = IPVS_CMD_ATTR;
    const given = [TIMEOUT_TCP, TIMEOUT_TCP_FIN, TIMEOUT_UDP].map((type) => readU32Attribute(attributes, type) ?? 0);
    const values = [old.tcp, old.tcpFin, old.udp].map((value, i) => given[i] || value);
    return this.#write('timeouts', `${values.join(' ')}\n`);
  }

  #store(servers: readonly VirtualServer[]): Result {
    return this.#write('servers', servers.map(virtualServerText).join(''));
  }

  #read(file: string): string {
    const path = join(this.#folder, file);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  /** At one stroke: whoever asks may be killed at any time. */
  #write(file: string, text: string): Result {
    const path = join(this.#folder, file);
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
    return 0;
  }
}

function realServersAfter(
  { realServers }: VirtualServer,
  command: number,
  given: RealServer,
): readonly RealServer[] | number {
  const key = realServerKey(given);
  const others = realServers.filter((one) => realServerKey(one) !== key);
  const isThere = others.length < realServers.length;
  switch (command) {
    case IPVS_CMD.NEW_DEST:
      return isThere ? EEXIST : [...realServers, given];
    case IPVS_CMD.SET_DEST:
      return isThere ? [...others, given] : ENOENT;
    case IPVS_CMD.DEL_DEST:
      return isThere ? others : ENOENT;
    default:
      return EINVAL;
  }
}

/** struct nlmsgerr with the header of the request alone (NETLINK_CAP_ACK). */
export function acknowledgement({ sequence, type, flags }: Message, errno: number): Uint8Array {
  const body = new Uint8Array(20);
  writeU32(body, 0, -errno >>> 0);
  writeU32(body, 4, 16);
  writeU32(body, 8, type | (flags << 16));
  writeU32(body, 12, sequence);
  return encodeMessages([{ type: NLMSG.ERROR, flags: NLM_F.CAPPED, sequence, header: body, attributes: [] }]);
}

function endOfDump({ sequence }: Message): Uint8Array {
  const header = new Uint8Array(4);
  return encodeMessages([{ type: NLMSG.DONE, flags: NLM_F.MULTI, sequence, header, attributes: [] }]);
}
