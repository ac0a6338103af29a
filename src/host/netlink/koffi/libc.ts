// The functions of the C library that a netlink socket takes. All calls are synchronous and from the main thread: koffi's asynchronous
// calls run on another thread, where setns(2) would move that one and errno is lost.
import { isMainThread } from 'node:worker_threads';
import { loadKoffi, NetlinkUnavailable, type CFunction, type Koffi } from './load-koffi.ts';

/** Each gives what the function returned, and the error number if that was negative. */
export interface Libc {
  readonly socket: (domain: number, type: number, protocol: number) => CallResult;
  readonly bind: (fd: number, address: Uint8Array) => CallResult;
  readonly setsockopt: (fd: number, level: number, name: number, value: Uint8Array) => CallResult;
  readonly sendto: (fd: number, bytes: Uint8Array, flags: number, address: Uint8Array) => CallResult;
  /** Fills `bytes` and `address`. */
  readonly recvfrom: (fd: number, bytes: Uint8Array, flags: number, address: Uint8Array) => CallResult;
  /** Waits until there is something to receive: 0 if there was not within that time. */
  readonly pollin: (fd: number, timeoutMs: number) => CallResult;
  /** Moves this thread into the network namespace that the file stands for. */
  readonly setns: (fd: number) => CallResult;
}

export interface CallResult {
  readonly value: number;
  /** 0 unless the value is negative. */
  readonly errno: number;
}

let loaded: Libc | undefined;

/** Throws NetlinkUnavailable. */
export function loadLibc(): Libc {
  if (process.platform !== 'linux') throw new NetlinkUnavailable('netlink is there on Linux only');
  // koffi 3 crashes in worker threads now and then.
  if (!isMainThread) throw new NetlinkUnavailable('netlink can be spoken from the main thread only');
  loaded ??= libcOver(loadKoffi());
  return loaded;
}

/** CLONE_NEWNET of include/uapi/linux/sched.h: the file must be a network namespace. */
const CLONE_NEWNET = 0x4000_0000;
/** POLLIN of include/uapi/asm-generic/poll.h. */
const POLLIN = 1;

function libcOver(koffi: Koffi): Libc {
  const library = koffi.load(null);
  // koffi knows no ssize_t; intptr_t is of the same size.
  const socket = library.func('int socket(int, int, int)');
  const bind = library.func('int bind(int, const void *, unsigned int)');
  const setsockopt = library.func('int setsockopt(int, int, int, const void *, unsigned int)');
  const sendto = library.func('intptr_t sendto(int, const void *, size_t, int, const void *, unsigned int)');
  const recvfrom = library.func('intptr_t recvfrom(int, void *, size_t, int, void *, void *)');
  const poll = library.func('int poll(void *, unsigned long, int)');
  const setns = library.func('int setns(int, int)');
  const call = (name: CFunction, ...args: readonly (number | Uint8Array)[]): CallResult => {
    const value = Number(name(...args));
    return { value, errno: value < 0 ? koffi.errno() : 0 };
  };
  return {
    socket: (domain, type, protocol) => call(socket, domain, type, protocol),
    bind: (fd, address) => call(bind, fd, address, address.length),
    setsockopt: (fd, level, name, value) => call(setsockopt, fd, level, name, value, value.length),
    sendto: (fd, bytes, flags, address) => call(sendto, fd, bytes, bytes.length, flags, address, address.length),
    recvfrom: (fd, bytes, flags, address) => {
      const size = Uint32Array.of(address.length);
      return call(recvfrom, fd, bytes, bytes.length, flags, address, new Uint8Array(size.buffer));
    },
    pollin: (fd, timeoutMs) => call(poll, pollfd(fd), 1, Math.ceil(timeoutMs)),
    setns: (fd) => call(setns, fd, CLONE_NEWNET),
  };
}

/** struct pollfd { int fd; short events; short revents; } */
function pollfd(fd: number): Uint8Array {
  const bytes = new ArrayBuffer(8);
  new Int32Array(bytes, 0, 1)[0] = fd;
  new Int16Array(bytes, 4, 1)[0] = POLLIN;
  return new Uint8Array(bytes);
}
