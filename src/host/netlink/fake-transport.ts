// A NetlinkTransport without a kernel, for tests: what is sent goes to a function that gives the kernel's answers. Like the kernel it
// answers at once, so that a wait for more is a wait in vain; unlike it, it says so without waiting, and moves its own clock instead.
import { decodeMessages, type Message } from './codec/message.ts';
import { SocketFailed, type NetlinkTransport } from './transport.ts';

/** A datagram from the kernel, or an error of the socket: `ENOBUFS` when answers were lost. */
export type FakeAnswer = Uint8Array | SocketFailed;

export class FakeTransport implements NetlinkTransport {
  readonly #answer: (messages: readonly Message[], datagram: Uint8Array) => readonly FakeAnswer[];
  readonly #queue: FakeAnswer[] = [];
  readonly #sent: Uint8Array[] = [];
  #now = 0;
  #isClosed = false;

  constructor(answer: (messages: readonly Message[], datagram: Uint8Array) => readonly FakeAnswer[]) {
    this.#answer = answer;
  }

  /** All datagrams so far. */
  get sent(): readonly Uint8Array[] {
    return this.#sent;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Milliseconds that were waited in vain. */
  readonly now = (): number => this.#now;

  send(datagram: Uint8Array): void {
    if (this.#isClosed) throw new Error('the fake socket is closed');
    this.#sent.push(datagram);
    this.#queue.push(...this.#answer(decodeMessages(datagram), datagram));
  }

  receive(timeoutMs: number): Uint8Array | undefined {
    if (this.#isClosed) throw new Error('the fake socket is closed');
    const next = this.#queue.shift();
    if (next instanceof SocketFailed) throw next;
    if (next === undefined) this.#now += timeoutMs;
    return next;
  }

  close(): void {
    this.#isClosed = true;
  }
}
