// ip(8)'s conversations with the kernel, had by chainsmith: what it sends says the same, and what comes back is understood.
import assert from 'node:assert/strict';
import type { NetlinkSocket } from '../../../../src/host/netlink/request.ts';
import { addAddresses, deleteAddresses, listAddresses } from '../../../../src/host/netlink/route/addresses.ts';
import {
  createDummyLink,
  deleteLink,
  findLink,
  listLinks,
  setLinkUp,
} from '../../../../src/host/netlink/route/links.ts';
import { ip } from '../../../support/builders.ts';
import {
  NEEDS_LITTLE_ENDIAN,
  Recording,
  replay,
  requestOf,
  shapeOf,
  type Exchange,
  type RequestShape,
} from '../../../support/netlink-recordings.ts';

const LINK_HEADER = 16;
const ADDRESS_HEADER = 8;
const LEFT = { index: 3, name: 'left' };

function run<T>(
  exchanges: readonly Exchange[],
  headerSize: number,
  body: (socket: NetlinkSocket) => T,
): [T, readonly RequestShape[]] {
  const { socket, sent, assertFinished } = replay(exchanges);
  const result = body(socket);
  assertFinished();
  return [result, sent().map((message) => shapeOf(message, headerSize))];
}

describe('links and addresses through netlink, recorded', () => {
  before(function () {
    if (!NEEDS_LITTLE_ENDIAN) this.skip();
  });

  const recording = new Recording('route');

  it('creates a dummy link', () => {
    const exchange = recording.last('ip link add kube-ipvs0 type dummy', 1);
    const [, sent] = run([exchange], LINK_HEADER, (socket) => createDummyLink(socket, 'kube-ipvs0'));
    // ip(8) does not mark the nest as such, which is older than the mark.
    const { attributes, ...rest } = shapeOf(requestOf(exchange), LINK_HEADER);
    const kind = { 1: Buffer.from('dummy\0').toString('hex') };
    assert.equal(attributes['18'], '0900010064756d6d79000000');
    assert.deepEqual(sent, [{ ...rest, attributes: { ...attributes, 18: kind } }]);
  });

  it('says that the kernel has no dummy links, in its words', () => {
    const exchange = recording.last('ip link add kube-ipvs0 type dummy', 0);
    assert.throws(
      () => createDummyLink(replay([exchange]).socket, 'kube-ipvs0'),
      /create the dummy link kube-ipvs0: operation not supported \(EOPNOTSUPP\); the kernel says: Unknown device type$/,
    );
  });

  it('sets a link up, and deletes it', () => {
    const up = recording.last('ip link set left up');
    const [, sent] = run([up], LINK_HEADER, (socket) => setLinkUp(socket, LEFT));
    assert.deepEqual(sent, [shapeOf(requestOf(up), LINK_HEADER)]);
    const gone = recording.last('ip link del kube-ipvs0');
    const [, asked] = run([gone], LINK_HEADER, (socket) => deleteLink(socket, { index: 2, name: 'kube-ipvs0' }));
    assert.deepEqual(asked, [shapeOf(requestOf(gone), LINK_HEADER)]);
  });

  it('lists links', () => {
    const [links] = run([recording.last('ip link show')], LINK_HEADER, listLinks);
    assert.deepEqual(links, [
      { index: 1, name: 'lo', kind: undefined, isUp: false },
      { index: 2, name: 'right', kind: 'veth', isUp: false },
      { index: 3, name: 'left', kind: 'veth', isUp: true },
    ]);
    const [withDummy] = run([recording.last('ip -d link show')], LINK_HEADER, listLinks);
    assert.deepEqual(
      withDummy.map(({ name, kind, isUp }) => [name, kind, isUp]),
      [
        ['lo', undefined, true],
        ['kube-ipvs0', 'dummy', false],
      ],
    );
  });

  it('finds a link by its name, or none', () => {
    // What ip(8) asks before it changes something.
    const asked = recording.exchanges('ip link set left up')[1];
    assert.ok(asked !== undefined);
    const [link, sent] = run([asked], LINK_HEADER, (socket) => findLink(socket, 'left'));
    assert.deepEqual(link, { ...LEFT, kind: 'veth', isUp: false });
    assert.equal(sent[0]?.attributes['3'], Buffer.from('left\0').toString('hex'));
    const [none] = run([recording.last('ip link show dev nope')], LINK_HEADER, (socket) => findLink(socket, 'nope'));
    assert.equal(none, undefined);
  });

  it('takes no name that the kernel would cut or leave out', () => {
    const { socket } = replay([]);
    for (const name of ['', 'a\0b', 'x'.repeat(16)]) {
      assert.throws(() => createDummyLink(socket, name), RangeError);
      assert.throws(() => findLink(socket, name), RangeError);
    }
  });

  it('adds an IPv4 address, and says what was refused', () => {
    const command = 'ip address add 10.96.0.1/32 dev left';
    const exchange = recording.last(command);
    const address = { ip: ip('10.96.0.1'), prefix: 32 };
    const [failures, sent] = run([exchange], ADDRESS_HEADER, (socket) => addAddresses(socket, LEFT, [address]));
    assert.deepEqual(failures, []);
    assert.deepEqual(sent, [shapeOf(requestOf(exchange), ADDRESS_HEADER)]);
    const again = [recording.last(command, 1)];
    const [[failure, ...others]] = run(again, ADDRESS_HEADER, (socket) => addAddresses(socket, LEFT, [address]));
    assert.deepEqual(others, []);
    assert.equal(
      failure?.error.message,
      'add 10.96.0.1/32 to left: file already exists (EEXIST); the kernel says: ipv4: Address already assigned',
    );
  });

  it('adds an IPv6 address that works at once', () => {
    const exchange = recording.last('ip address add fd00:96::1/128 dev left nodad');
    const address = { ip: ip('fd00:96::1'), prefix: 128 };
    const [, sent] = run([exchange], ADDRESS_HEADER, (socket) => addAddresses(socket, LEFT, [address]));
    // ip(8) has the flag in the header, where eight of them fit; both mean the same.
    const { header, attributes, ...rest } = shapeOf(requestOf(exchange), ADDRESS_HEADER);
    assert.equal(header, '0a80020003000000');
    assert.deepEqual(sent, [{ ...rest, header: '0a80000003000000', attributes: { ...attributes, 8: '02000000' } }]);
  });

  it('deletes addresses, and says what was refused', () => {
    const command = 'ip address del 10.96.0.1/32 dev left';
    const exchange = recording.last(command);
    const address = { ip: ip('10.96.0.1'), prefix: 32 };
    const [failures, sent] = run([exchange], ADDRESS_HEADER, (socket) => deleteAddresses(socket, LEFT, [address]));
    assert.deepEqual(failures, []);
    const { attributes, ...rest } = shapeOf(requestOf(exchange), ADDRESS_HEADER);
    // ip(8) leaves IFA_ADDRESS out; it is the same but on links with another end.
    assert.deepEqual(sent, [{ ...rest, attributes: { 1: '0a600001', ...attributes } }]);
    const again = [recording.last(command, 1)];
    const [[failure]] = run(again, ADDRESS_HEADER, (socket) => deleteAddresses(socket, LEFT, [address]));
    assert.match(failure?.error.message ?? '', /^delete 10\.96\.0\.1\/32 from left: .* \(EADDRNOTAVAIL\)/);
  });

  it('lists addresses, of one link or of all', () => {
    const exchange = recording.last('ip address show');
    const [all] = run([exchange], ADDRESS_HEADER, (socket) => listAddresses(socket));
    const text = (addresses: typeof all): readonly string[] =>
      addresses.map(({ index, ip: { text }, prefix }) => `${index} ${text}/${prefix}`);
    // The other end of the second one is 10.96.0.3. One of IPv6 on the loopback and link-local ones come by themselves.
    assert.deepEqual(
      text(all).filter((line) => !line.includes('fe80:') && !line.startsWith('1 ')),
      ['3 10.96.0.1/32', '3 10.96.0.2/32', '3 fd00:96::1/128'],
    );
    const [left] = run([exchange], ADDRESS_HEADER, (socket) => listAddresses(socket, LEFT));
    assert.deepEqual(
      left,
      all.filter(({ index }) => index === LEFT.index),
    );
    const [right] = run([exchange], ADDRESS_HEADER, (socket) => listAddresses(socket, { index: 2, name: 'right' }));
    assert.ok(right.length < left.length);
  });
});
