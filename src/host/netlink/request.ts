import type { AttributeTree } from './codec/attribute.ts';
import type { Message } from './codec/message.ts';
import type { NetlinkError, ErrnoWords } from './netlink-error.ts';

/** One message to the kernel, before it has a number. */
export interface NetlinkRequest {
  /** What it does, with the object's name, for messages: `delete the set KUBE-CLUSTER-IP`. */
  readonly operation: string;
  readonly type: number;
  /** Besides NLM_F_REQUEST, NLM_F_ACK and NLM_F_DUMP, which the socket sets. */
  readonly flags: number;
  /** The family's own struct, before the attributes. */
  readonly header: Uint8Array;
  readonly attributes: readonly AttributeTree[];
  /** Names of error numbers that only this family has. */
  readonly errnoWords?: (errno: number) => ErrnoWords | undefined;
}

/** A request of a batch that the kernel refused. */
export interface BatchFailure {
  /** Its place in the batch, from 0. */
  readonly index: number;
  readonly error: NetlinkError;
  /** What the kernel sent back of the request behind its header, if it did. */
  readonly request: Uint8Array | undefined;
}

/**
 * A conversation with one part of the kernel, in one network namespace. Everything throws NetlinkError if the kernel refuses or does not
 * answer in time, and MalformedNetlink if it makes no sense.
 */
export interface NetlinkSocket {
  /** Does one thing. */
  execute(request: NetlinkRequest): void;
  /** Asks for one thing: all messages of the answer, before the acknowledgement. */
  query(request: NetlinkRequest): readonly Message[];
  /**
   * Lists things: what `read` makes of each message, without undefined. A listing that the kernel marks as torn by a change
   * (NLM_F_DUMP_INTR) or could not deliver whole begins anew, some times. Without a lock there is no other way to a consistent one; and the
   * mark is made by rtnetlink and others, but not by ipset, IPVS and conntrack, whose listings are of the moment when each part was read.
   */
  dump<T>(request: NetlinkRequest, read: (message: Message) => T | undefined): readonly T[];
  /** Does many things, in order and each by itself: one that is refused does not stop those behind it. Gives those that were refused. */
  batch(requests: readonly NetlinkRequest[]): readonly BatchFailure[];
  close(): void;
}
