import assert from 'node:assert/strict';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { writeU32 } from '../../../../src/host/netlink/codec/byte-order.ts';
import { openTransport } from '../../../../src/host/netlink/koffi/koffi-transport.ts';
import type { Libc } from '../../../../src/host/netlink/koffi/libc.ts';
import { SocketFailed, type NetlinkTransport } from '../../../../src/host/netlink/transport.ts';
import { fakeLibc, type Returns } from './fake-libc.ts';

const { EAGAIN, EINTR, ENOBUFS, ENOPROTOOPT, EPERM, EMSGSIZE } = constants.errno;
const MSG_TRUNC = 0x20;

/** A file that the transport may close. */
function file(): number {
  return openSync('/dev/null', 'r');
}

function isOpen(fd: number): boolean {
  try {
    fstatSync(fd);
    return true;
  } catch {
    return false;
  }
}

function open(returns: Returns): NetlinkTransport {
  return openTransport(fakeLibc({ socket: file, ...returns }), 'netfilter');
}

/** recvfrom that gives these in turn: a negative error, or a datagram from somebody. */
function receiving(
  script: readonly (number | { readonly bytes: readonly number[]; readonly from?: number })[],
): Libc['recvfrom'] extends (...args: infer A) => unknown ? (...args: A) => number : never {
  const left = [...script];
  return (_fd, bytes, flags, address) => {
    assert.equal(flags, MSG_TRUNC);
    const next = left.shift();
    if (next === undefined) return -EAGAIN;
    if (typeof next === 'number') return next;
    bytes.set(next.bytes.slice(0, bytes.length));
    writeU32(address, 4, next.from ?? 0);
    return next.bytes.length;
  };
}

function failsWith(errno: number, call: string): (error: unknown) => boolean {
  return (error) => error instanceof SocketFailed && error.errno === errno && error.call === call;
}

describe('a netlink socket of the C library', () => {
  it('is of the protocol, closed to children, and does not block', () => {
    const calls: (readonly number[])[] = [];
    const transport = open({
      socket: (...args) => (calls.push(args), file()),
      bind: (_fd, address) => (calls.push([...address]), 0),
    });
    transport.close();
    // AF_NETLINK; SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC; NETLINK_NETFILTER. Port and groups are 0.
    assert.deepEqual(calls[0], [16, 3 | 0o4000 | 0o2000000, 12]);
    assert.deepEqual(
      calls[1]?.slice(2),
      Array.from({ length: 10 }, () => 0),
    );
  });

  it('has large buffers and extended acknowledgements, as far as they can be had', () => {
    const asked = (refuse: readonly number[], errno: number): readonly string[] => {
      const names: string[] = [];
      open({
        setsockopt: (_fd, level, name) => (names.push(`${level}:${name}`), refuse.includes(name) ? -errno : 0),
      }).close();
      return names;
    };
    assert.deepEqual(asked([], 0), ['1:33', '1:32', '270:10', '270:11']);
    assert.deepEqual(asked([33, 32], EPERM), ['1:33', '1:8', '1:32', '1:7', '270:10', '270:11']);
    assert.deepEqual(asked([10, 11], ENOPROTOOPT), ['1:33', '1:32', '270:10', '270:11']);
    assert.throws(() => asked([11], EPERM), failsWith(EPERM, 'setsockopt'));
  });

  it('leaves no file open when it cannot be had', () => {
    const fd = file();
    assert.throws(() => open({ socket: () => fd, bind: () => -EPERM }), failsWith(EPERM, 'bind'));
    assert.ok(!isOpen(fd));
    assert.throws(() => open({ socket: () => -EPERM }), failsWith(EPERM, 'socket'));
  });

  it('sends a datagram whole, also when a signal comes between', () => {
    const sizes: number[] = [];
    let tries = 0;
    const transport = open({
      sendto: (_fd, bytes) => (sizes.push(bytes.length), (tries += 1) < 3 ? -EINTR : bytes.length),
    });
    transport.send(new Uint8Array(40));
    assert.deepEqual(sizes, [40, 40, 40]);
    transport.close();
    const short = open({ sendto: () => 39 });
    assert.throws(() => short.send(new Uint8Array(40)), failsWith(EMSGSIZE, 'sendto'));
    short.close();
  });

  it('receives what is there without waiting', () => {
    const transport = open({
      recvfrom: receiving([{ bytes: [1, 2] }, { bytes: [3] }]),
      pollin: () => assert.fail('it waits'),
    });
    const first = transport.receive(1000);
    assert.deepEqual([...(transport.receive(1000) ?? [])], [3]);
    assert.deepEqual([...(first ?? [])], [1, 2], 'a datagram stays as it was');
    assert.equal(transport.receive(0), undefined);
    transport.close();
  });

  it('waits for what is not, also when signals come between', () => {
    const waits: number[] = [];
    const transport = open({
      recvfrom: receiving([-EAGAIN, -EINTR, -EAGAIN, { bytes: [7] }]),
      pollin: (_fd, ms) => (waits.push(ms), waits.length === 1 ? -EINTR : 1),
    });
    assert.deepEqual([...(transport.receive(5000) ?? [])], [7]);
    assert.equal(waits.length, 2);
    assert.ok(waits.every((ms) => ms > 4000 && ms <= 5000));
    transport.close();
  });

  it('gives up when nothing comes', () => {
    const transport = open({ recvfrom: receiving([]), pollin: () => 0 });
    const start = performance.now();
    assert.equal(transport.receive(20), undefined);
    assert.ok(performance.now() - start >= 20);
    transport.close();
  });

  it('throws away what other processes send', () => {
    const transport = open({ recvfrom: receiving([{ bytes: [6, 6, 6], from: 4711 }, { bytes: [1] }]) });
    assert.deepEqual([...(transport.receive(0) ?? [])], [1]);
    transport.close();
  });

  it('says what was lost or does not fit', () => {
    const transport = open({ recvfrom: receiving([-ENOBUFS, { bytes: Array.from({ length: 300_000 }, () => 1) }]) });
    assert.throws(() => transport.receive(0), failsWith(ENOBUFS, 'recvfrom'));
    assert.throws(() => transport.receive(0), failsWith(EMSGSIZE, 'recvfrom'));
    transport.close();
  });

  it('is closed once, and is of no use then', () => {
    const fd = file();
    const transport = open({ socket: () => fd });
    transport.close();
    assert.ok(!isOpen(fd));
    const next = file();
    transport.close();
    assert.ok(isOpen(next));
    closeSync(next);
    assert.throws(() => transport.send(new Uint8Array(1)), /closed/);
    assert.throws(() => transport.receive(0), /closed/);
  });
});
