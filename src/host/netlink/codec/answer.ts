import { decodeAttributes } from './attribute.ts';
import { readI32, readU32 } from './byte-order.ts';
import { MalformedNetlink } from './malformed.ts';
import type { Message } from './message.ts';
import { MESSAGE_HEADER, NLM_F, NLMSG, NLMSGERR_ATTR, aligned } from './netlink-header.ts';
import { readTextAttribute, readU32Attribute } from './read-attribute.ts';

/** The kernel's no to a request, by NLMSG_ERROR or at the end of a dump. */
export interface Refusal {
  /** Positive. From 4096 on it is a family's own (ipset). */
  readonly errno: number;
  /** In the kernel's words; a subsystem that has none, or a kernel before 4.12, says nothing. */
  readonly text: string | undefined;
  /** Of the attribute at fault, in bytes from the request's beginning. */
  readonly offset: number | undefined;
  /** The type of an attribute that should have been there (Linux 6.1). */
  readonly missing: number | undefined;
  /** What followed the header in the request, if the kernel sent it back; ipset changes it to say which entry failed. */
  readonly request: Uint8Array | undefined;
}

/** What a message is, apart from its family. */
export type Answer =
  | { readonly kind: 'data' }
  | { readonly kind: 'acknowledged' }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'done' }
  | { readonly kind: 'overrun' }
  | { readonly kind: 'nothing' };

const DATA: Answer = { kind: 'data' };

/** Throws MalformedNetlink. */
export function answerOf(message: Message): Answer {
  switch (message.type) {
    case NLMSG.NOOP:
      return { kind: 'nothing' };
    case NLMSG.OVERRUN:
      return { kind: 'overrun' };
    case NLMSG.ERROR:
      return acknowledgement(message);
    case NLMSG.DONE:
      return endOfDump(message);
    default:
      return DATA;
  }
}

/** struct nlmsgerr: the error, the header of the request, the rest of it unless capped, attributes. */
function acknowledgement({ payload, flags }: Message): Answer {
  const error = errorIn(payload, 4 + MESSAGE_HEADER);
  if (error === 0) return { kind: 'acknowledged' };
  const header = 4 + MESSAGE_HEADER;
  const isCapped = (flags & NLM_F.CAPPED) !== 0;
  const end = isCapped ? header : 4 + aligned(Math.max(readU32(payload, 4), MESSAGE_HEADER));
  const request = isCapped ? undefined : payload.subarray(header, Math.min(end, payload.length));
  return { kind: 'refused', refusal: { ...refusalOf(error, flags, payload, end), request } };
}

/** NLMSG_DONE has the error of the dump; kernels before 2.6.13 left it out. */
function endOfDump({ payload, flags }: Message): Answer {
  if (payload.length === 0) return { kind: 'done' };
  const error = readI32(payload, 0);
  if (payload.length >= 4 && error >= 0) return { kind: 'done' };
  return { kind: 'refused', refusal: { ...refusalOf(errorIn(payload, 4), flags, payload, 4), request: undefined } };
}

function errorIn(payload: Uint8Array, size: number): number {
  const error = readI32(payload, 0);
  if (payload.length < size) throw new MalformedNetlink(`an error message has ${payload.length} bytes, not ${size}`);
  if (error > 0) throw new MalformedNetlink(`an error message has the positive error ${error}`);
  return error;
}

function refusalOf(error: number, flags: number, payload: Uint8Array, end: number): Omit<Refusal, 'request'> {
  const attributes = (flags & NLM_F.ACK_TLVS) === 0 ? [] : decodeAttributes(payload, end);
  return {
    errno: -error,
    text: readTextAttribute(attributes, NLMSGERR_ATTR.MSG),
    offset: readU32Attribute(attributes, NLMSGERR_ATTR.OFFS),
    missing: readU32Attribute(attributes, NLMSGERR_ATTR.MISS_TYPE),
  };
}
