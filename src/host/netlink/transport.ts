/**
 * A socket, as far as the rest needs one. Calls are synchronous: the kernel does what it is asked before `send` returns, and its answer
 * can be read at once; so there is nothing to wait for, and what belongs together happens without anything of this process between. And only
 * synchronous calls may enter another network namespace to open a socket there, since a thread is moved, not a process.
 */
export interface NetlinkTransport {
  /** One datagram to the kernel, whole. Throws SocketFailed. */
  send(datagram: Uint8Array): void;
  /**
   * The next datagram from the kernel, which is the caller's to keep; undefined if none has come in that time, at once with 0. Throws
   * SocketFailed; ENOBUFS means that answers were lost.
   */
  receive(timeoutMs: number): Uint8Array | undefined;
  close(): void;
}

/** A system call failed. */
export class SocketFailed extends Error {
  override readonly name = 'SocketFailed';
  /** `sendto` */
  readonly call: string;
  /** Positive. */
  readonly errno: number;

  constructor(call: string, errno: number) {
    super(`${call} failed with error ${errno}`);
    this.call = call;
    this.errno = errno;
  }
}
