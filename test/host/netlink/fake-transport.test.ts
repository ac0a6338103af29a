import assert from 'node:assert/strict';
import { encodeMessages } from '../../../src/host/netlink/codec/message.ts';
import { FakeTransport } from '../../../src/host/netlink/fake-transport.ts';
import { SocketFailed } from '../../../src/host/netlink/transport.ts';

const PING = encodeMessages([{ type: 0x20, flags: 1, sequence: 1, header: new Uint8Array(), attributes: [] }]);

describe('the fake transport', () => {
  it('answers what is sent, in order, and shows it', () => {
    const transport = new FakeTransport(([message]) => [Uint8Array.of(message?.type ?? 0), Uint8Array.of(2)]);
    transport.send(PING);
    assert.deepEqual([transport.receive(10), transport.receive(10)], [Uint8Array.of(0x20), Uint8Array.of(2)]);
    assert.deepEqual(transport.sent, [PING]);
    assert.equal(transport.now(), 0);
  });

  it('moves its clock when nothing comes', () => {
    const transport = new FakeTransport(() => []);
    assert.equal(transport.receive(250), undefined);
    assert.equal(transport.receive(0), undefined);
    assert.equal(transport.now(), 250);
  });

  it('fails as a socket does', () => {
    const transport = new FakeTransport(() => [new SocketFailed('recvfrom', 105)]);
    transport.send(PING);
    assert.throws(() => transport.receive(0), SocketFailed);
  });

  it('takes nothing once it is closed', () => {
    const transport = new FakeTransport(() => []);
    transport.close();
    assert.ok(transport.isClosed);
    assert.throws(() => transport.send(PING), /closed/);
    assert.throws(() => transport.receive(0), /closed/);
  });
});
