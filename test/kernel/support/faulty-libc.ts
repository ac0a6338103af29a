// The C library under the netlink sockets, with one call that goes wrong; and with IPVS and dummy links on kernels that have neither.
import { constants } from 'node:os';
import { readU16, writeU16, writeU32 } from '../../../src/host/netlink/codec/byte-order.ts';
import { decodeMessages, type Message } from '../../../src/host/netlink/codec/message.ts';
import { MESSAGE_HEADER, NETLINK_PROTOCOL, NLM_F } from '../../../src/host/netlink/codec/netlink-header.ts';
import type { CallResult, Libc } from '../../../src/host/netlink/koffi/libc.ts';
import { acknowledgement, FakeIpvsNetlink } from '../../support/fake-ipvs-netlink.ts';

/**
 * What becomes of one datagram to the kernel, or of its answer:
 *
 * - `refused`, `refused-late`: ENOMEM for its last message instead of doing it; and though it was done
 * - `forbidden`: EPERM
 * - `unsent`: there is no room to send it (ENOBUFS)
 * - `lost`: the answers do not fit into the receive buffer (ENOBUFS)
 * - `silent`: there is no answer, though all was done
 * - `cut`, `noise`: the answer's first half; bytes that are no message
 * - `torn`: a listing of what changed meanwhile (NLM_F_DUMP_INTR), once
 * - `always-torn`: as often as it is asked for again
 * - `stranger`: before the answer one that another process sent
 * - `interrupted`: system calls end early (EINTR)
 * - `signal-...`: to this process, before and (late) after the kernel has done it
 */
export type NetlinkFault = (typeof netlinkFaults)[number] | `signal-${Signal}` | `signal-late-${Signal}`;

export const netlinkFaults = [
  'refused',
  'refused-late',
  'forbidden',
  'unsent',
  'lost',
  'silent',
  'cut',
  'noise',
  'torn',
  'always-torn',
  'stranger',
  'interrupted',
] as const;

type Signal = 'INT' | 'TERM' | 'HUP' | 'KILL';

export function isNetlinkFault(text: string): text is NetlinkFault {
  return netlinkFaults.some((fault) => fault === text) || /^signal-(?:late-)?(?:INT|TERM|HUP|KILL)$/.test(text);
}

/** A datagram to the kernel. */
export interface NetlinkCall {
  /** `generic`, `netfilter`, `route` */
  readonly protocol: string;
  readonly messages: readonly Message[];
  readonly isDump: boolean;
}

/** Who is asked, and for what. */
export function kindOf({ protocol, messages }: NetlinkCall): string {
  const [first] = messages;
  return `${protocol} ${first?.type}${protocol === 'generic' ? ` ${first?.payload[0]}` : ''}`;
}

export interface FaultyLibcOptions {
  /** Files of the fake IPVS. */
  readonly folder: string;
  /** Called for each datagram before it is sent, with its number from 0: what becomes of it. */
  readonly onSend: (call: NetlinkCall, index: number) => NetlinkFault | undefined;
}

interface Socket {
  readonly protocol: string;
  readonly queue: Uint8Array[];
  /** What is wrong with the next answer. */
  pending: NetlinkFault | undefined;
}

const done = (value: number): CallResult => ({ value, errno: 0 });
const failed = (errno: number): CallResult => ({ value: -1, errno });
const { EAGAIN, EINTR, ENOBUFS, ENOMEM, EPERM } = constants.errno;
/** As often as a listing is asked for before it is given up. */
const TEARS = 10;
/** System calls in a row that end early. */
const INTERRUPTIONS = 3;

export function faultyLibc(libc: Libc, options: FaultyLibcOptions): Libc {
  const faulty = new FaultyLibc(libc, options);
  return {
    ...libc,
    socket: (domain, type, protocol) => faulty.socket(domain, type, protocol),
    sendto: (fd, bytes, flags, address) => faulty.sendto(fd, bytes, flags, address),
    recvfrom: (fd, bytes, flags, address) => faulty.recvfrom(fd, bytes, flags, address),
    pollin: (fd, timeoutMs) => faulty.pollin(fd, timeoutMs),
  };
}

class FaultyLibc {
  readonly #libc: Libc;
  readonly #onSend: FaultyLibcOptions['onSend'];
  readonly #ipvs: FakeIpvsNetlink;
  readonly #sockets = new Map<number, Socket>();
  #sent = 0;
  #tears = 0;
  #interruptions = 0;
  #isResent = false;

  constructor(libc: Libc, { folder, onSend }: FaultyLibcOptions) {
    this.#libc = libc;
    this.#onSend = onSend;
    this.#ipvs = new FakeIpvsNetlink(folder);
  }

  socket(domain: number, type: number, protocol: number): CallResult {
    const result = this.#libc.socket(domain, type, protocol);
    const [name = ''] = Object.entries(NETLINK_PROTOCOL).find(([, number]) => number === protocol) ?? [];
    this.#sockets.set(result.value, { protocol: name, queue: [], pending: undefined });
    return result;
  }

  sendto(fd: number, given: Uint8Array, flags: number, address: Uint8Array): CallResult {
    if (this.#isInterrupted()) return failed(EINTR);
    const socket = this.#socketOf(fd);
    const messages = decodeMessages(given);
    const fault = this.#faultOf(socket, messages);
    if (fault === 'unsent') return failed(ENOBUFS);
    if (fault === 'interrupted') {
      this.#interruptions = INTERRUPTIONS;
      this.#isResent = true;
      return failed(EINTR);
    }
    if (fault === 'forbidden') {
      // nfnetlink answers the first message of a datagram for all of them.
      const refused = socket.protocol === 'netfilter' ? messages.slice(0, 1) : messages;
      socket.queue.push(...refused.map((message) => acknowledgement(message, EPERM)));
      return done(given.length);
    }
    if (isSignal(fault) && !isLate(fault)) signalSelf(fault);
    const send = (bytes: Uint8Array): CallResult => this.#libc.sendto(fd, withoutDummies(bytes), flags, address);
    const result = this.#deliver(socket, fault === 'refused' ? messages.slice(0, -1) : messages, given, send);
    if (isSignal(fault) && isLate(fault)) signalSelf(fault);
    const last = messages.at(-1);
    if ((fault === 'refused' || fault === 'refused-late') && last !== undefined) {
      socket.queue.push(acknowledgement(last, ENOMEM));
    }
    socket.pending = fault;
    return result.value < 0 ? result : done(given.length);
  }

  recvfrom(fd: number, bytes: Uint8Array, flags: number, address: Uint8Array): CallResult {
    if (this.#isInterrupted()) return failed(EINTR);
    const socket = this.#socketOf(fd);
    const receive = (): CallResult => this.#libc.recvfrom(fd, bytes, flags, address);
    const { pending } = socket;
    if (pending === 'lost') {
      socket.pending = undefined;
      return failed(ENOBUFS);
    }
    if (pending === 'silent') {
      discard(socket, receive);
      return failed(EAGAIN);
    }
    if (pending === 'refused-late') {
      const refusal = socket.queue.at(-1);
      discard(socket, receive);
      socket.pending = undefined;
      if (refusal !== undefined) socket.queue.push(refusal);
    }
    const queued = socket.queue.shift();
    if (queued !== undefined) {
      bytes.set(queued);
      address.fill(0);
      return spoilt(socket, bytes, done(queued.length), address);
    }
    return socket.protocol === 'generic' ? failed(EAGAIN) : spoilt(socket, bytes, receive(), address);
  }

  pollin(fd: number, timeoutMs: number): CallResult {
    if (this.#isInterrupted()) return failed(EINTR);
    const socket = this.#socketOf(fd);
    if (socket.queue.length > 0) return done(1);
    if (socket.pending !== 'silent' && socket.protocol !== 'generic') return this.#libc.pollin(fd, timeoutMs);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, timeoutMs);
    return done(0);
  }

  #isInterrupted(): boolean {
    if (this.#interruptions === 0) return false;
    this.#interruptions -= 1;
    return true;
  }

  #faultOf({ protocol }: Socket, messages: readonly Message[]): NetlinkFault | undefined {
    if (this.#isResent) {
      this.#isResent = false;
      return undefined;
    }
    const isDump = messages.some((message) => (message.flags & NLM_F.DUMP) === NLM_F.DUMP);
    const fault = this.#onSend({ protocol, messages, isDump }, this.#sent++);
    if (fault === 'always-torn') this.#tears = TEARS;
    if (this.#tears === 0 || !isDump) return fault;
    this.#tears -= 1;
    return 'torn';
  }

  #deliver(
    { protocol, queue }: Socket,
    messages: readonly Message[],
    bytes: Uint8Array,
    send: (bytes: Uint8Array) => CallResult,
  ): CallResult {
    if (protocol === 'generic') {
      for (const message of messages) queue.push(...this.#ipvs.answer(message));
      return done(0);
    }
    const length = messages.reduce(
      (sum, { payload }) => sum + MESSAGE_HEADER + payload.length + (-payload.length & 3),
      0,
    );
    return length === 0 ? done(0) : send(bytes.subarray(0, length));
  }

  #socketOf(fd: number): Socket {
    const socket = this.#sockets.get(fd);
    if (socket === undefined) throw new Error(`${fd} is no socket of these tests`);
    return socket;
  }
}

/** One answer as something between might spoil it. */
function spoilt(socket: Socket, bytes: Uint8Array, result: CallResult, address: Uint8Array): CallResult {
  if (result.value < 0) return result;
  const [fault, length] = [socket.pending, result.value];
  socket.pending = undefined;
  if (fault === 'cut') return done(length >> 1);
  if (fault === 'noise') for (let i = 0; i < length; i += 1) bytes[i] = (i * 151 + 7) & 0xff;
  if (fault === 'torn') writeU16(bytes, 6, readU16(bytes, 6) | NLM_F.DUMP_INTR);
  if (fault === 'stranger') {
    socket.queue.unshift(bytes.slice(0, length));
    // struct sockaddr_nl: the port of another process.
    writeU32(address, 4, 77);
    bytes.fill(0xff, MESSAGE_HEADER, length);
  }
  return result;
}

function discard({ protocol, queue }: Socket, receive: () => CallResult): void {
  queue.length = 0;
  if (protocol !== 'generic') while (receive().value >= 0);
}

function isSignal(fault: NetlinkFault | undefined): fault is `signal-${Signal}` | `signal-late-${Signal}` {
  return fault?.startsWith('signal-') === true;
}

function isLate(fault: string): boolean {
  return fault.startsWith('signal-late-');
}

function signalSelf(fault: string): void {
  process.kill(process.pid, `SIG${fault.split('-').at(-1) ?? ''}`);
}

/** IFLA_INFO_KIND as an attribute. A bridge without ports holds addresses just so, and the padding has room for the longer name. */
const DUMMY = Buffer.of(10, 0, 1, 0, ...Buffer.from('dummy\0\0'));
const BRIDGE = Buffer.of(11, 0, 1, 0, ...Buffer.from('bridge\0'));

function withoutDummies(bytes: Uint8Array): Uint8Array {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(DUMMY);
  if (at < 0) return bytes;
  const changed = bytes.slice();
  changed.set(BRIDGE, at);
  return changed;
}
