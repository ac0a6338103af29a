// The dummy link, which the machine's own kernel may lack, through netlink beside ip(8).
import assert from 'node:assert/strict';
import type { NetlinkSocket } from '../../src/host/netlink/request.ts';
import { addAddresses, deleteAddresses, listAddresses } from '../../src/host/netlink/route/addresses.ts';
import { createDummyLink, deleteLink, findLink, listLinks } from '../../src/host/netlink/route/links.ts';
import { NetlinkNode } from '../kernel/support/netlink-node.ts';
import { requireGuest } from './support/requirements.ts';

describe('the dummy link through netlink, in the kernel', function () {
  this.timeout(60_000);
  let node: NetlinkNode;
  let socket: NetlinkSocket;

  before(async function () {
    requireGuest(this);
    node = await NetlinkNode.create('chainsmith-nldummy');
    socket = node.open('route');
  });
  after(async () => await node?.remove());

  it('is made, holds addresses of both families while it is down, and goes with them', async () => {
    createDummyLink(socket, 'kube-ipvs0');
    const link = findLink(socket, 'kube-ipvs0');
    assert.ok(link !== undefined);
    assert.deepEqual({ ...link, index: 0 }, { index: 0, name: 'kube-ipvs0', kind: 'dummy', isUp: false });
    assert.throws(() => createDummyLink(socket, 'kube-ipvs0'), /create the dummy link kube-ipvs0: .* \(EEXIST\)/);
    const addresses = [
      { ip: { family: 'ipv4', text: '10.96.0.1' }, prefix: 32 },
      { ip: { family: 'ipv6', text: 'fd00:96::1' }, prefix: 128 },
    ] as const;
    assert.deepEqual(addAddresses(socket, link, addresses), []);
    const printed = await node.run('ip -o address show dev kube-ipvs0');
    assert.deepEqual(
      [...printed.matchAll(/inet6? (\S+)/g)].map(([, text]) => text),
      ['10.96.0.1/32', 'fd00:96::1/128'],
    );
    assert.ok(!printed.includes('tentative'));
    assert.deepEqual(
      listAddresses(socket, link).map(({ ip: { text }, prefix, isTentative }) => [text, prefix, isTentative]),
      [
        ['10.96.0.1', 32, false],
        ['fd00:96::1', 128, false],
      ],
    );
    assert.deepEqual(deleteAddresses(socket, link, addresses.slice(0, 1)), []);
    assert.equal(listAddresses(socket, link).length, 1);
    deleteLink(socket, link);
    assert.ok(!listLinks(socket).some(({ name }) => name === 'kube-ipvs0'));
  });
});
