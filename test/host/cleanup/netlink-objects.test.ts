import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { NetlinkObjects } from '../../../src/host/cleanup/netlink-objects.ts';
import { KernelSockets } from '../../../src/host/ipvs/kernel-sockets.ts';
import { FakeTransport } from '../../../src/host/netlink/fake-transport.ts';
import { socketOver } from '../../../src/host/netlink/socket.ts';
import { acknowledgement, FakeIpvsNetlink } from '../../support/fake-ipvs-netlink.ts';

const SERVERS = [
  '-A -t 10.96.1.1:80 -s rr',
  '-a -t 10.96.1.1:80 -r 10.244.0.1:8080 -m -w 1',
  '-A -u [fd00:10:96::1]:53 -s rr -p 600',
  '-A --sctp-service 10.96.1.1:9 -s rr',
  '-A -f 7 -s rr',
  '-A -f 7 -6 -s rr',
  '',
].join('\n');

describe('NetlinkObjects', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'chainsmith-objects-'));
    writeFileSync(join(folder, 'servers'), SERVERS);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const withIpvs = (): NetlinkObjects => {
    const ipvs = new FakeIpvsNetlink(folder);
    const transport = new FakeTransport((messages) => messages.flatMap((message) => ipvs.answer(message)));
    return new NetlinkObjects(new KernelSockets(() => socketOver(transport, { now: transport.now })));
  };
  /** A kernel that answers everything so. */
  const refusing = (errno: number): NetlinkObjects => {
    const transport = new FakeTransport((messages) => messages.map((message) => acknowledgement(message, errno)));
    return new NetlinkObjects(new KernelSockets(() => socketOver(transport, { now: transport.now })));
  };

  it('names virtual servers as ipvsadm does', async () => {
    const found = await withIpvs().virtualServers();
    assert.ok('seen' in found);
    assert.deepEqual(
      found.seen.map(({ option, place, address }) => [option, place, address]),
      [
        ['-t', '10.96.1.1:80', '10.96.1.1'],
        ['-u', '[fd00:10:96::1]:53', 'fd00:10:96::1'],
        ['--sctp-service', '10.96.1.1:9', '10.96.1.1'],
        ['-f', '7', undefined],
        ['-f', '7 -6', undefined],
      ],
    );
  });

  it('deletes each of them, and takes one that is gone for deleted', async () => {
    const kernel = withIpvs();
    const found = await kernel.virtualServers();
    assert.ok('seen' in found);
    for (const [i, server] of found.seen.entries()) {
      await kernel.deleteVirtualServer(server);
      await kernel.deleteVirtualServer(server);
      const left = readFileSync(join(folder, 'servers'), 'utf8');
      assert.equal(left.match(/^-A /gm)?.length ?? 0, found.seen.length - i - 1, server.place);
    }
  });

  it('takes a kernel without a part for one that has none of it, and says why it could not look', async () => {
    const none = refusing(constants.errno.ENOENT);
    assert.deepEqual([await none.virtualServers(), await none.sets()], [{ seen: [] }, { seen: [] }]);
    const forbidden = refusing(constants.errno.EPERM);
    for (const found of [await forbidden.virtualServers(), await forbidden.sets()]) {
      assert.match('obstacle' in found ? found.obstacle : '', /^find the kernel's .* \(EPERM\)$/);
    }
    await assert.rejects(forbidden.destroySet('KUBE-IPVS-IPS'), /EPERM/);
    await assert.rejects(forbidden.link(), /EPERM/);
  });
});
