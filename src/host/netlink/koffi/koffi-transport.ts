import { closeSync } from 'node:fs';
import { constants } from 'node:os';
import { readU32, writeU16, writeU32 } from '../codec/byte-order.ts';
import { NETLINK_PROTOCOL, type NetlinkProtocol } from '../codec/netlink-header.ts';
import { SocketFailed, type NetlinkTransport } from '../transport.ts';
import { inNetworkNamespace } from './in-namespace.ts';
import { loadLibc, type CallResult, type Libc } from './libc.ts';

/** include/linux/socket.h, include/linux/net.h, include/uapi/asm-generic/socket.h: so on all architectures that koffi has binaries for. */
const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const MSG_TRUNC = 0x20;
/** include/linux/socket.h, include/uapi/linux/netlink.h */
const SOL_NETLINK = 270;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;

/** sizeof(struct sockaddr_nl) { sa_family_t nl_family; unsigned short nl_pad; __u32 nl_pid; __u32 nl_groups; } */
const ADDRESS_SIZE = 12;
const BUFFER_BYTES = 4 * 1024 * 1024;
/**
 * A part of a listing has 32 kB at most, a larger buffer changes nothing (netlink_dump); ipset sends a refused request back as a whole, and that
 * has less than the 128 kB of a batch.
 */
const DATAGRAM_BYTES = 256 * 1024;

const { EAGAIN, EINTR, EMSGSIZE, ENOPROTOOPT } = constants.errno;

export interface TransportOptions {
  /** A file that stands for the network namespace; this thread's own if it is left out. */
  readonly namespacePath?: string | undefined;
}

/**
 * A socket to one part of the kernel. Anybody may open one; what it is used for takes privileges.
 *
 * Throws NetlinkUnavailable, SocketFailed, or HostError if the namespace cannot be entered.
 */
export function openKoffiTransport(protocol: NetlinkProtocol, options: TransportOptions = {}): NetlinkTransport {
  return openTransport(loadLibc(), protocol, options);
}

/** The same with any C library. */
export function openTransport(
  libc: Libc,
  protocol: NetlinkProtocol,
  { namespacePath }: TransportOptions = {},
): NetlinkTransport {
  const open = (): NetlinkTransport => openSocket(libc, protocol);
  return namespacePath === undefined ? open() : inNetworkNamespace(libc, namespacePath, open);
}

function openSocket(libc: Libc, protocol: NetlinkProtocol): NetlinkTransport {
  const type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const fd = checked('socket', libc.socket(AF_NETLINK, type, NETLINK_PROTOCOL[protocol]));
  try {
    setOptions(libc, fd);
    // Port 0: the kernel chooses one.
    checked('bind', libc.bind(fd, kernelAddress()));
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return new KoffiTransport(libc, fd);
}

function setOptions(libc: Libc, fd: number): void {
  const set = (level: number, name: number, value: number): CallResult =>
    libc.setsockopt(fd, level, name, new Uint8Array(Int32Array.of(value).buffer));
  // The forced size takes privileges; without them the system's limit is what can be had.
  if (set(SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES).value < 0) set(SOL_SOCKET, SO_RCVBUF, BUFFER_BYTES);
  if (set(SOL_SOCKET, SO_SNDBUFFORCE, BUFFER_BYTES).value < 0) set(SOL_SOCKET, SO_SNDBUF, BUFFER_BYTES);
  for (const name of [NETLINK_CAP_ACK, NETLINK_EXT_ACK]) {
    const result = set(SOL_NETLINK, name, 1);
    // Linux 4.3 and 4.12 brought them. Without them answers are longer, and errors have no words.
    if (result.errno !== ENOPROTOOPT) checked('setsockopt', result);
  }
}

class KoffiTransport implements NetlinkTransport {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #buffer = new Uint8Array(DATAGRAM_BYTES);
  #isClosed = false;

  constructor(libc: Libc, fd: number) {
    this.#libc = libc;
    this.#fd = fd;
  }

  send(datagram: Uint8Array): void {
    this.#mustBeOpen();
    for (;;) {
      const result = this.#libc.sendto(this.#fd, datagram, 0, kernelAddress());
      // Not before the kernel has taken the datagram: nothing is done twice.
      if (result.errno === EINTR) continue;
      if (checked('sendto', result) !== datagram.length) throw new SocketFailed('sendto', EMSGSIZE);
      return;
    }
  }

  receive(timeoutMs: number): Uint8Array | undefined {
    this.#mustBeOpen();
    const end = performance.now() + timeoutMs;
    for (;;) {
      const datagram = this.#receiveQueued();
      if (datagram !== undefined) return datagram;
      const left = end - performance.now();
      if (left <= 0) return undefined;
      const polled = this.#libc.pollin(this.#fd, left);
      if (polled.errno !== EINTR) checked('poll', polled);
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#fd);
  }

  /** What other processes send here is thrown away. */
  #receiveQueued(): Uint8Array | undefined {
    const sender = new Uint8Array(ADDRESS_SIZE);
    for (;;) {
      const result = this.#libc.recvfrom(this.#fd, this.#buffer, MSG_TRUNC, sender);
      if (result.errno === EAGAIN) return undefined;
      if (result.errno === EINTR) continue;
      // With MSG_TRUNC that of the whole datagram, also where the buffer is shorter.
      const length = checked('recvfrom', result);
      if (length > this.#buffer.length) throw new SocketFailed('recvfrom', EMSGSIZE);
      if (readU32(sender, 4) === 0) return this.#buffer.slice(0, length);
    }
  }

  /** Its number may be another file's by now. */
  #mustBeOpen(): void {
    if (this.#isClosed) throw new Error('the socket is closed');
  }
}

/** Port 0 is the kernel. */
function kernelAddress(): Uint8Array {
  const address = new Uint8Array(ADDRESS_SIZE);
  writeU16(address, 0, AF_NETLINK);
  writeU32(address, 4, 0);
  return address;
}

function checked(call: string, { value, errno }: CallResult): number {
  if (value < 0) throw new SocketFailed(call, errno);
  return value;
}
