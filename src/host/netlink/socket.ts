import { constants } from 'node:os';
import { answerOf, type Refusal } from './codec/answer.ts';
import { decodeMessages, encodeMessages, messageSize, type Message, type OutgoingMessage } from './codec/message.ts';
import { NLM_F } from './codec/netlink-header.ts';
import { errnoWords, NetlinkError } from './netlink-error.ts';
import type { BatchFailure, NetlinkRequest, NetlinkSocket } from './request.ts';
import { SocketFailed, type NetlinkTransport } from './transport.ts';

export interface SocketOptions {
  /** How long to wait for the next message of an answer. The kernel answers at once; this is for the day when it does not. */
  readonly timeoutMs?: number;
  /** Milliseconds, only ever growing. */
  readonly now?: () => number;
}

const TIMEOUT_MS = 10_000;
/** Of a listing that is torn each time: rules change a few times a second at most, and a listing takes 0.1 s. */
const DUMP_TRIES = 10;
/**
 * Of one datagram. Each refusal is a message of its own in the receive buffer, where it takes about 1 kB of the 200 kB that a socket without
 * privileges has.
 */
const BATCH_MESSAGES = 200;
/** Below the send buffer that a socket without privileges has (net.core.wmem_default, 212992). */
const BATCH_BYTES = 128 * 1024;

const { ENOBUFS, EPERM, ETIMEDOUT } = constants.errno;

/** What a transport throws becomes a NetlinkError, which names the operation. */
export function socketOver(transport: NetlinkTransport, options: SocketOptions = {}): NetlinkSocket {
  return new Conversation(transport, options.timeoutMs ?? TIMEOUT_MS, options.now ?? (() => performance.now()));
}

/** The messages that are no answer to what is being asked, from an exchange that ended early, say, are passed over by their number. */
class Conversation implements NetlinkSocket {
  readonly #transport: NetlinkTransport;
  readonly #timeoutMs: number;
  readonly #now: () => number;
  #sequence = 0;

  constructor(transport: NetlinkTransport, timeoutMs: number, now: () => number) {
    this.#transport = transport;
    this.#timeoutMs = timeoutMs;
    this.#now = now;
  }

  close(): void {
    this.#transport.close();
  }

  execute(request: NetlinkRequest): void {
    this.query(request);
  }

  query(request: NetlinkRequest): readonly Message[] {
    const sequence = this.#send([request], 'acknowledged');
    const answers: Message[] = [];
    for (;;) {
      for (const message of this.#receive(request, (number) => number === sequence)) {
        const answer = answerOf(message);
        if (answer.kind === 'acknowledged') return answers;
        if (answer.kind === 'refused') throw refused(request, answer.refusal);
        if (answer.kind === 'data') answers.push(message);
        if (answer.kind === 'overrun') throw lost(request);
      }
    }
  }

  dump<T>(request: NetlinkRequest, read: (message: Message) => T | undefined): readonly T[] {
    for (let tries = 1; ; tries += 1) {
      try {
        return this.#dumpOnce(request, read);
      } catch (error) {
        this.#drain();
        if (!(error instanceof NetlinkError && error.transient) || tries === DUMP_TRIES) throw error;
      }
    }
  }

  #dumpOnce<T>(request: NetlinkRequest, read: (message: Message) => T | undefined): readonly T[] {
    const sequence = this.#send([request], 'listing');
    const items: T[] = [];
    let isTorn = false;
    for (;;) {
      for (const message of this.#receive(request, (number) => number === sequence)) {
        isTorn ||= (message.flags & NLM_F.DUMP_INTR) !== 0;
        const answer = answerOf(message);
        if (answer.kind === 'done' && isTorn) throw torn(request);
        if (answer.kind === 'done') return items;
        if (answer.kind === 'refused') throw refused(request, answer.refusal);
        if (answer.kind === 'overrun') throw lost(request);
        const item = answer.kind === 'data' ? read(message) : undefined;
        if (item !== undefined) items.push(item);
      }
    }
  }

  batch(requests: readonly NetlinkRequest[]): readonly BatchFailure[] {
    const failures: BatchFailure[] = [];
    for (let from = 0; from < requests.length;) {
      const part = oneDatagram(requests, from);
      for (const failure of this.#datagram(part)) failures.push({ ...failure, index: from + failure.index });
      from += part.length;
    }
    return failures;
  }

  /** Only the last one is acknowledged. Refusals come in any case, and before that, as the kernel takes the messages in order. */
  #datagram(requests: readonly NetlinkRequest[]): readonly BatchFailure[] {
    const lastRequest = requests.at(-1);
    if (lastRequest === undefined) return [];
    const last = this.#send(requests, 'acknowledged');
    const first = last - requests.length + 1;
    const isMeant = (sequence: number): boolean => sequence >= first && sequence <= last;
    const failures: BatchFailure[] = [];
    for (;;) {
      // Perhaps the one answer to all of them: then no other comes.
      const isMaybeAll = failures[0]?.index === 0 && failures[0].error.errno === EPERM;
      const messages = isMaybeAll ? this.#queued(lastRequest, isMeant) : this.#receive(lastRequest, isMeant);
      if (messages === undefined) {
        return requests.map((request, index) => failureOf(request, index, WITHOUT_PRIVILEGES));
      }
      for (const message of messages) {
        const answer = answerOf(message);
        const index = message.sequence - first;
        if (answer.kind === 'overrun') throw lost(lastRequest);
        if (answer.kind === 'refused') failures.push(failureOf(requests[index] ?? lastRequest, index, answer.refusal));
        if (message.sequence === last && (answer.kind === 'refused' || answer.kind === 'acknowledged')) return failures;
      }
    }
  }

  /** Numbers them, and gives the last one's number. Only that one is to be acknowledged. */
  #send(requests: readonly NetlinkRequest[], mode: 'acknowledged' | 'listing'): number {
    if (this.#sequence > MAX_SEQUENCE) this.#sequence = 0;
    const flags = NLM_F.REQUEST | (mode === 'listing' ? NLM_F.DUMP : 0);
    const messages = requests.map((request, i): OutgoingMessage => {
      this.#sequence += 1;
      const ack = mode === 'acknowledged' && i === requests.length - 1 ? NLM_F.ACK : 0;
      return { ...request, flags: request.flags | flags | ack, sequence: this.#sequence };
    });
    try {
      this.#transport.send(encodeMessages(messages));
    } catch (error) {
      throw failedCall(requests[0], error);
    }
    return this.#sequence;
  }

  /** The next messages that are meant. */
  #receive(request: NetlinkRequest, isMeant: (sequence: number) => boolean): readonly Message[] {
    const end = this.#now() + this.#timeoutMs;
    for (;;) {
      const left = Math.max(0, end - this.#now());
      const messages = this.#receiveOne(request, left, isMeant);
      if (messages !== undefined && messages.length > 0) return messages;
      if (left === 0) throw late(request, this.#timeoutMs);
    }
  }

  /** The next messages that are meant, if they are there already. */
  #queued(request: NetlinkRequest, isMeant: (sequence: number) => boolean): readonly Message[] | undefined {
    const end = this.#now() + this.#timeoutMs;
    for (;;) {
      const messages = this.#receiveOne(request, 0, isMeant);
      if (messages === undefined || messages.length > 0) return messages;
      if (this.#now() >= end) throw late(request, this.#timeoutMs);
    }
  }

  /**
   * Takes in what is left of a listing that ended early. Until then the kernel refuses the next one on this socket (EBUSY): it makes each part
   * when the one before is read, so there is no waiting for them.
   */
  #drain(): void {
    const end = this.#now() + this.#timeoutMs;
    for (let isLeft = true; isLeft && this.#now() < end;) {
      try {
        isLeft = this.#transport.receive(0) !== undefined;
      } catch (error) {
        if (!(error instanceof SocketFailed && error.errno === ENOBUFS)) return;
      }
    }
  }

  #receiveOne(
    request: NetlinkRequest,
    timeoutMs: number,
    isMeant: (sequence: number) => boolean,
  ): readonly Message[] | undefined {
    try {
      const datagram = this.#transport.receive(timeoutMs);
      return datagram === undefined ? undefined : decodeMessages(datagram).filter((m) => isMeant(m.sequence));
    } catch (error) {
      if (error instanceof SocketFailed && error.errno === ENOBUFS) throw lost(request, error);
      throw failedCall(request, error);
    }
  }
}

/** Numbers have 32 bits, and those of one datagram follow one another. */
const MAX_SEQUENCE = 0x7fff_0000;

/** As many as fit from there on, one at least. */
function oneDatagram(requests: readonly NetlinkRequest[], from: number): readonly NetlinkRequest[] {
  let bytes = 0;
  for (let to = from; to < requests.length && to < from + BATCH_MESSAGES; to += 1) {
    const request = requests[to];
    bytes += request === undefined ? 0 : messageSize(request);
    if (bytes > BATCH_BYTES && to > from) return requests.slice(from, to);
  }
  return requests.slice(from, from + BATCH_MESSAGES);
}

/** nfnetlink refuses a whole datagram from somebody without privileges by one answer to its first message. */
const WITHOUT_PRIVILEGES: Refusal = {
  errno: EPERM,
  text: undefined,
  offset: undefined,
  missing: undefined,
  request: undefined,
};

function failureOf(request: NetlinkRequest, index: number, refusal: Refusal): BatchFailure {
  return { index, error: refused(request, refusal), request: refusal.request };
}

function refused({ operation, errnoWords: own }: NetlinkRequest, refusal: Refusal): NetlinkError {
  const { errno } = refusal;
  return new NetlinkError({ operation, errno, refusal, words: own?.(errno) ?? errnoWords(errno) });
}

function failedCall(request: NetlinkRequest | undefined, error: unknown): unknown {
  if (!(error instanceof SocketFailed)) return error;
  return new NetlinkError({ operation: request?.operation ?? 'netlink', errno: error.errno, cause: error });
}

function lost({ operation }: NetlinkRequest, cause?: unknown): NetlinkError {
  const words = { code: 'ENOBUFS', text: 'answers of the kernel were lost' };
  return new NetlinkError({ operation, errno: ENOBUFS, words, transient: true, cause });
}

function late({ operation }: NetlinkRequest, timeoutMs: number): NetlinkError {
  const text = `the kernel did not answer within ${timeoutMs / 1000} s`;
  return new NetlinkError({ operation, errno: ETIMEDOUT, words: { code: 'ETIMEDOUT', text } });
}

function torn({ operation }: NetlinkRequest): NetlinkError {
  const text = `what it lists changed each time, ${DUMP_TRIES} times`;
  const words = { code: 'EINTR', text };
  return new NetlinkError({ operation, errno: constants.errno.EINTR, words, transient: true });
}
