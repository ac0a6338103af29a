import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { encodeAttributes } from '../../../src/host/netlink/codec/attribute.ts';
import { writeU16, writeU32 } from '../../../src/host/netlink/codec/byte-order.ts';
import { MalformedNetlink } from '../../../src/host/netlink/codec/malformed.ts';
import { decodeMessages, type Message } from '../../../src/host/netlink/codec/message.ts';
import { textAttribute } from '../../../src/host/netlink/codec/write-attribute.ts';
import { FakeTransport, type FakeAnswer } from '../../../src/host/netlink/fake-transport.ts';
import { NetlinkError } from '../../../src/host/netlink/netlink-error.ts';
import type { NetlinkRequest } from '../../../src/host/netlink/request.ts';
import { socketOver } from '../../../src/host/netlink/socket.ts';
import { SocketFailed } from '../../../src/host/netlink/transport.ts';

const [ERROR, DONE, OVERRUN, NOOP] = [2, 3, 4, 1];
const [REQUEST, MULTI, ACK, INTR, DUMP] = [1, 2, 4, 0x10, 0x300];
const { EBUSY, ENOBUFS, EPERM, ENOENT, EEXIST } = constants.errno;

function request(operation: string, size = 0): NetlinkRequest {
  const attributes = size === 0 ? [] : [{ type: 1, flags: 0, value: new Uint8Array(size) }];
  return { operation, type: 0x20, flags: 0x800, header: Uint8Array.of(1, 2, 3, 4), attributes };
}

function message(sequence: number, type: number, flags = 0, payload = new Uint8Array()): Uint8Array {
  const bytes = new Uint8Array(16 + payload.length);
  writeU32(bytes, 0, bytes.length);
  writeU16(bytes, 4, type);
  writeU16(bytes, 6, flags);
  writeU32(bytes, 8, sequence);
  bytes.set(payload, 16);
  return bytes;
}

function error(sequence: number, errno: number, words?: string): Uint8Array {
  const tlvs = words === undefined ? new Uint8Array() : encodeAttributes([textAttribute(1, words)]);
  const payload = Buffer.concat([new Uint8Array(20), tlvs]);
  writeU32(payload, 0, -errno);
  return message(sequence, ERROR, words === undefined ? 0x100 : 0x300, payload);
}

function data(sequence: number, byte: number, flags = 0): Uint8Array {
  return message(sequence, 0x21, flags, Uint8Array.of(byte, 0, 0, 0));
}

function done(sequence: number, flags = MULTI): Uint8Array {
  return message(sequence, DONE, flags, new Uint8Array(4));
}

type Answers = (sequence: number, messages: readonly Message[]) => readonly FakeAnswer[];

function fake(...rounds: readonly Answers[]): FakeTransport {
  const left = [...rounds];
  return new FakeTransport((messages) => left.shift()?.(messages.at(-1)?.sequence ?? 0, messages) ?? []);
}

function bytesOf(messages: readonly Message[]): readonly number[] {
  return messages.map(({ payload }) => payload[0] ?? -1);
}

const firstByte = ({ payload }: Message): number | undefined => payload[0];

describe('a netlink socket', () => {
  it('numbers its requests, and asks for an acknowledgement', () => {
    const transport = fake(
      (n) => [error(n, 0)],
      (n) => [error(n, 0)],
    );
    const socket = socketOver(transport);
    socket.execute(request('one'));
    socket.execute(request('two'));
    assert.deepEqual(
      transport.sent.flatMap(decodeMessages).map(({ type, flags, sequence }) => [type, flags, sequence]),
      [
        [0x20, 0x800 | REQUEST | ACK, 1],
        [0x20, 0x800 | REQUEST | ACK, 2],
      ],
    );
  });

  it('gives what came before the acknowledgement, in one datagram or several', () => {
    const transport = fake((n) => [
      Buffer.concat([data(n, 1), message(n, NOOP)]),
      Buffer.concat([data(n, 2), error(n, 0)]),
    ]);
    assert.deepEqual(bytesOf(socketOver(transport).query(request('ask'))), [1, 2]);
  });

  it('says what was tried, the error, and what the kernel said to it', () => {
    const socket = socketOver(fake((n) => [error(n, EEXIST, 'No, thanks')]));
    assert.throws(
      () => socket.execute(request('add the thing')),
      (thrown) =>
        thrown instanceof NetlinkError &&
        thrown.message === 'add the thing: file already exists (EEXIST); the kernel says: No, thanks' &&
        thrown.code === 'EEXIST' &&
        thrown.errno === EEXIST &&
        thrown.kernelMessage === 'No, thanks' &&
        !thrown.transient,
    );
  });

  it('asks the family for names of its own errors first', () => {
    const socket = socketOver(
      fake(
        (n) => [error(n, 4103)],
        (n) => [error(n, ENOENT)],
      ),
    );
    const own = {
      ...request('x'),
      errnoWords: (n: number) => (n < 4096 ? undefined : { code: 'OWN', text: 'its own' }),
    };
    assert.throws(() => socket.execute(own), /^NetlinkError: x: its own \(OWN\)$/);
    assert.throws(() => socket.execute(own), /x: no such file or directory \(ENOENT\)$/);
  });

  it('advises what to do without privileges', () => {
    const socket = socketOver(fake((n) => [error(n, EPERM)]));
    assert.throws(
      () => socket.execute(request('x')),
      (thrown) => thrown instanceof NetlinkError && thrown.advice === 'run chainsmith as root',
    );
  });

  it('passes over answers to something else', () => {
    const transport = fake((n) => [
      data(n + 7, 9),
      error(n - 1, EEXIST),
      data(0, 8),
      Buffer.concat([data(n, 1), error(n, 0)]),
    ]);
    assert.deepEqual(bytesOf(socketOver(transport).query(request('ask'))), [1]);
  });

  it('goes on after an answer that makes no sense', () => {
    const transport = fake(
      (n) => [message(n, ERROR), data(n, 5)],
      (n) => [data(n, 6), error(n, 0)],
    );
    const socket = socketOver(transport);
    assert.throws(() => socket.execute(request('x')), MalformedNetlink);
    assert.deepEqual(bytesOf(socket.query(request('y'))), [6]);
  });

  it('waits no longer than it was told', () => {
    const transport = fake((n) => [data(n, 1)]);
    const socket = socketOver(transport, { timeoutMs: 2500, now: transport.now });
    assert.throws(() => socket.execute(request('x')), /x: the kernel did not answer within 2.5 s \(ETIMEDOUT\)/);
    assert.equal(transport.now(), 2500);
  });

  it('waits no longer for one who only talks of something else', () => {
    let now = 0;
    const talk = { send() {}, close() {}, receive: () => ((now += 100), data(12_345, 1)) };
    const socket = socketOver(talk, { timeoutMs: 1000, now: () => now });
    assert.throws(() => socket.execute(request('x')), /ETIMEDOUT/);
    assert.throws(() => socket.dump(request('x'), firstByte), /ETIMEDOUT/);
    assert.throws(() => socket.batch([request('x')]), /ETIMEDOUT/);
  });

  it('names the operation when a call fails, and closes', () => {
    const failing = {
      send: () => assert.fail(new SocketFailed('sendto', EPERM)),
      close() {},
      receive: () => undefined,
    };
    assert.throws(
      () => socketOver(failing).execute(request('x')),
      /^NetlinkError: x: operation not permitted \(EPERM\)$/,
    );
    const transport = fake();
    socketOver(transport).close();
    assert.ok(transport.isClosed);
  });

  describe('lists', () => {
    it('all parts up to the end, without what is passed over', () => {
      const transport = fake((n) => [
        Buffer.concat([data(n, 1, MULTI), data(n, 2, MULTI)]),
        data(n, 3, MULTI),
        done(n),
      ]);
      const items = socketOver(transport).dump(request('list'), (m) => (m.payload[0] === 2 ? undefined : m.payload[0]));
      assert.deepEqual(items, [1, 3]);
      assert.equal(decodeMessages(transport.sent[0] ?? new Uint8Array())[0]?.flags, 0x800 | REQUEST | DUMP);
    });

    it('anew when it was torn, at its end or before', () => {
      const transport = fake(
        (n) => [data(n, 1, MULTI | INTR), done(n)],
        (n) => [data(n, 2, MULTI), done(n, MULTI | INTR)],
        (n) => [data(n, 3, MULTI), done(n)],
      );
      assert.deepEqual(socketOver(transport).dump(request('list'), firstByte), [3]);
      assert.equal(transport.sent.length, 3);
    });

    it('anew when answers were lost, and passes over those of the first time', () => {
      const transport = fake(
        (n) => [data(n, 1, MULTI), new SocketFailed('recvfrom', ENOBUFS), data(n, 2, MULTI), done(n)],
        (n) => [message(n, OVERRUN)],
        (n) => [data(n, 3, MULTI), done(n)],
      );
      assert.deepEqual(socketOver(transport).dump(request('list'), firstByte), [3]);
    });

    it('to their end, also when it is of no use, for the kernel takes no other request before', () => {
      let isListing = false;
      const parts: Uint8Array[] = [];
      const busy = {
        close() {},
        send(datagram: Uint8Array): void {
          const sequence = decodeMessages(datagram)[0]?.sequence ?? 0;
          parts.push(
            ...(isListing
              ? [error(sequence, EBUSY)]
              : [data(sequence, 1, MULTI), data(sequence, 2, MULTI), done(sequence)]),
          );
          isListing = true;
        },
        receive(): Uint8Array | undefined {
          const part = parts.shift();
          isListing &&= parts.length > 0;
          return part;
        },
      };
      const socket = socketOver(busy);
      const fail = (): never => assert.fail('not understood');
      assert.throws(() => socket.dump(request('list'), fail), /not understood/);
      assert.deepEqual(socket.dump(request('list'), firstByte), [1, 2]);
    });

    it('not for ever', () => {
      const transport = new FakeTransport((messages) => [done(messages[0]?.sequence ?? 0, MULTI | INTR)]);
      assert.throws(
        () => socketOver(transport).dump(request('list'), firstByte),
        (thrown) =>
          thrown instanceof NetlinkError && thrown.transient && /list: .* 10 times \(EINTR\)/.test(thrown.message),
      );
      assert.equal(transport.sent.length, 10);
    });

    it('nothing when the kernel refuses, at once or at the end', () => {
      const failedEnd = new Uint8Array(4);
      writeU32(failedEnd, 0, -ENOENT);
      const socket = socketOver(
        fake(
          (n) => [error(n, ENOENT)],
          (n) => [data(n, 1, MULTI), message(n, DONE, MULTI, failedEnd)],
        ),
      );
      assert.throws(() => socket.dump(request('list'), firstByte), /ENOENT/);
      assert.throws(() => socket.dump(request('list'), firstByte), /ENOENT/);
    });
  });

  describe('takes many requests at once', () => {
    const many = (count: number, size = 0): readonly NetlinkRequest[] =>
      Array.from({ length: count }, (_, i) => request(`request ${i}`, size));

    it('in one datagram, of which the last is acknowledged', () => {
      const transport = fake((n) => [error(n, 0)]);
      assert.deepEqual(socketOver(transport).batch(many(3)), []);
      const flags = transport.sent.map(decodeMessages).map((messages) => messages.map((m) => m.flags & ACK));
      assert.deepEqual(flags, [[0, 0, ACK]]);
    });

    it('of which some are refused, the last one too', () => {
      const transport = fake((n) => [
        error(n - 2, EEXIST),
        Buffer.concat([error(n - 1, ENOENT, 'gone'), error(n, EEXIST)]),
      ]);
      const failures = socketOver(transport).batch(many(4));
      assert.deepEqual(
        failures.map(({ index, error: { operation, code, kernelMessage } }) => [index, operation, code, kernelMessage]),
        [
          [1, 'request 1', 'EEXIST', undefined],
          [2, 'request 2', 'ENOENT', 'gone'],
          [3, 'request 3', 'EEXIST', undefined],
        ],
      );
    });

    it('in several datagrams: by number, and by size', () => {
      const acknowledge: Answers = (n, messages) => [
        error(n - messages.length + 1, EEXIST),
        ...(messages.length > 1 ? [error(n, 0)] : []),
      ];
      const byNumber = fake(acknowledge, acknowledge, acknowledge);
      const failures = socketOver(byNumber).batch(many(401));
      assert.deepEqual(
        byNumber.sent.map((bytes) => decodeMessages(bytes).length),
        [200, 200, 1],
      );
      assert.deepEqual(
        failures.map(({ index }) => index),
        [0, 200, 400],
      );
      const bySize = fake(acknowledge, acknowledge, acknowledge);
      socketOver(bySize).batch(many(5, 60_000));
      assert.deepEqual(
        bySize.sent.map((bytes) => decodeMessages(bytes).length),
        [2, 2, 1],
      );
    });

    it('which somebody without privileges sees refused by one answer', () => {
      const transport = fake((n) => [error(n - 2, EPERM)]);
      const socket = socketOver(transport, { now: transport.now });
      const failures = socket.batch(many(3));
      assert.deepEqual(
        failures.map(({ index, error: { code } }) => [index, code]),
        [
          [0, 'EPERM'],
          [1, 'EPERM'],
          [2, 'EPERM'],
        ],
      );
      assert.equal(transport.now(), 0);
    });

    it('which somebody without privileges sees refused one by one', () => {
      const transport = fake((n) => [error(n - 2, EPERM), error(n - 1, EPERM), error(n, EPERM)]);
      assert.deepEqual(
        socketOver(transport)
          .batch(many(3))
          .map(({ index }) => index),
        [0, 1, 2],
      );
    });

    it('and says so when answers were lost', () => {
      const socket = socketOver(fake((n) => [error(n - 1, EEXIST), new SocketFailed('recvfrom', ENOBUFS)]));
      assert.throws(() => socket.batch(many(3)), /request 2: answers of the kernel were lost \(ENOBUFS\)/);
    });

    it('also if there are none', () => {
      const transport = fake();
      assert.deepEqual(socketOver(transport).batch([]), []);
      assert.deepEqual(transport.sent, []);
    });
  });
});
