import assert from 'node:assert/strict';
import { answerOf, type Answer, type Refusal } from '../../../../src/host/netlink/codec/answer.ts';
import { encodeAttributes } from '../../../../src/host/netlink/codec/attribute.ts';
import { writeU32 } from '../../../../src/host/netlink/codec/byte-order.ts';
import { MalformedNetlink } from '../../../../src/host/netlink/codec/malformed.ts';
import { decodeMessages } from '../../../../src/host/netlink/codec/message.ts';
import { textAttribute, u32Attribute } from '../../../../src/host/netlink/codec/write-attribute.ts';
import { NEEDS_LITTLE_ENDIAN, Recording, type Exchange } from '../../../support/netlink-recordings.ts';

function answersTo({ replies }: Exchange): readonly Answer[] {
  return replies.flatMap(decodeMessages).map(answerOf);
}

function refusalOf(exchange: Exchange): Refusal {
  const [answer, ...others] = answersTo(exchange);
  assert.ok(answer?.kind === 'refused' && others.length === 0);
  return answer.refusal;
}

/** An error message with this after the error itself. */
function errorMessage(type: number, flags: number, error: number, rest: Uint8Array): Parameters<typeof answerOf>[0] {
  const payload = new Uint8Array(4 + rest.length);
  writeU32(payload, 0, error);
  payload.set(rest, 4);
  return { type, flags, sequence: 1, port: 0, payload };
}

const [ERROR, DONE, TLVS, CAPPED] = [2, 3, 0x200, 0x100];

describe('answers of the kernel', () => {
  before(function () {
    if (!NEEDS_LITTLE_ENDIAN) this.skip();
  });

  const ipset = new Recording('ipset');
  const route = new Recording('route');
  const own = new Recording('extended-acks');

  it('knows an acknowledgement', () => {
    assert.deepEqual(answersTo(ipset.last('ipset add ports 80')), [{ kind: 'acknowledged' }]);
  });

  it('knows data and the end of a listing', () => {
    const kinds = answersTo(ipset.last('ipset list -n')).map(({ kind }) => kind);
    assert.equal(kinds.pop(), 'done');
    assert.ok(kinds.length === 4 && kinds.every((kind) => kind === 'data'));
  });

  it('knows a refusal without words, with the whole request', () => {
    const exchange = ipset.last('ipset del loop 10.0.0.9,tcp:80,10.0.0.2');
    const { request, ...refusal } = refusalOf(exchange);
    assert.deepEqual(refusal, { errno: 4103, text: undefined, offset: undefined, missing: undefined });
    assert.deepEqual(Buffer.from(request ?? []), Buffer.from(exchange.request.subarray(16)));
  });

  it('finds the words behind the whole request', () => {
    const { errno, text, request } = refusalOf(route.last('ip address add 10.96.0.1/32 dev left', 1));
    assert.deepEqual([errno, text, request?.length], [17, 'ipv4: Address already assigned', 24]);
  });

  it('finds the words where the request was left out', () => {
    const { request, ...refusal } = refusalOf(own.last('RTM_NEWLINK of a kind that does not exist'));
    assert.deepEqual(refusal, { errno: 95, text: 'Unknown device type', offset: undefined, missing: undefined });
    assert.equal(request, undefined);
  });

  it('finds the place of the attribute at fault', () => {
    const exchange = own.last('RTM_NEWADDR with a label of 20 characters');
    const { errno, text, offset } = refusalOf(exchange);
    assert.deepEqual([errno, text, offset], [34, 'Attribute failed policy validation', 32]);
    // IFA_LABEL is type 3, and there it is.
    assert.equal(exchange.request[(offset ?? 0) + 2], 3);
  });

  it('finds the attribute that is missing', () => {
    const tlvs = encodeAttributes([textAttribute(1, 'no'), u32Attribute(5, 7)]);
    const message = errorMessage(ERROR, TLVS | CAPPED, -22, Buffer.concat([new Uint8Array(16), tlvs]));
    assert.deepEqual(answerOf(message), {
      kind: 'refused',
      refusal: { errno: 22, text: 'no', offset: undefined, missing: 7, request: undefined },
    });
  });

  it('knows a listing that ends with an error, with words or without', () => {
    const words = encodeAttributes([textAttribute(1, 'busy')]);
    const withWords = answerOf(errorMessage(DONE, TLVS, -16, words));
    assert.ok(withWords.kind === 'refused' && withWords.refusal.errno === 16 && withWords.refusal.text === 'busy');
    const without = answerOf(errorMessage(DONE, 0, -16, new Uint8Array()));
    assert.ok(without.kind === 'refused' && without.refusal.text === undefined);
  });

  it('takes a listing for ended that says nothing, or a positive number', () => {
    assert.deepEqual(answerOf({ type: DONE, flags: 2, sequence: 1, port: 0, payload: new Uint8Array() }), {
      kind: 'done',
    });
    assert.deepEqual(answerOf(errorMessage(DONE, 2, 5, new Uint8Array())), { kind: 'done' });
  });

  it('knows the other messages that every family has', () => {
    const of = (type: number): Answer => answerOf({ type, flags: 0, sequence: 1, port: 0, payload: new Uint8Array() });
    assert.deepEqual([of(1), of(4), of(0x10)], [{ kind: 'nothing' }, { kind: 'overrun' }, { kind: 'data' }]);
  });

  const MALFORMED: readonly (readonly [what: string, message: Parameters<typeof answerOf>[0]])[] = [
    ['an error without the header of the request', errorMessage(ERROR, 0, -22, new Uint8Array(15))],
    ['an error of nothing', { type: ERROR, flags: 0, sequence: 1, port: 0, payload: new Uint8Array() }],
    ['a positive error', errorMessage(ERROR, 0, 22, new Uint8Array(16))],
    [
      'words that are cut',
      errorMessage(ERROR, TLVS | CAPPED, -22, Buffer.concat([new Uint8Array(16), Uint8Array.of(9, 0)])),
    ],
    [
      'the end of a listing with three bytes',
      { type: DONE, flags: 0, sequence: 1, port: 0, payload: new Uint8Array(3) },
    ],
  ];
  for (const [what, message] of MALFORMED) {
    it(`refuses ${what}`, () => {
      assert.throws(() => answerOf(message), MalformedNetlink);
    });
  }

  it('finds no words where a length says that they begin beyond the end', () => {
    const header = new Uint8Array(16);
    writeU32(header, 0, 0xffff_fff0);
    const answer = answerOf(errorMessage(ERROR, TLVS, -22, header));
    assert.ok(answer.kind === 'refused' && answer.refusal.text === undefined && answer.refusal.request?.length === 0);
  });
});
