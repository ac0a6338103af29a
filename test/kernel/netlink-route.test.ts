// Links and addresses through netlink beside ip(8).
import assert from 'node:assert/strict';
import { CommandFailed, hostRunner } from '../../src/host/exec.ts';
import { NetlinkError } from '../../src/host/netlink/netlink-error.ts';
import type { NetlinkSocket } from '../../src/host/netlink/request.ts';
import { addAddresses, deleteAddresses, listAddresses } from '../../src/host/netlink/route/addresses.ts';
import {
  createDummyLink,
  deleteLink,
  findLink,
  listLinks,
  setLinkUp,
  type Link,
} from '../../src/host/netlink/route/links.ts';
import { removeAbandonedLabs } from '../../scripts/lab/lab.ts';
import { ip } from '../support/builders.ts';
import { NetlinkNode } from './support/netlink-node.ts';
import { requireKernel } from './support/requirements.ts';

const PREFIX = 'chainsmith-nlroute';

/** `10.96.0.1/32` of one link, as ip(8) lists them, without those that the kernel gives to every link. */
async function addressesOf(node: NetlinkNode, name: string): Promise<readonly string[]> {
  const text = await node.run(`ip -o address show dev ${name}`);
  return [...text.matchAll(/ inet6? (\S+)/g)].flatMap(([, found = '']) => (found.startsWith('fe80:') ? [] : [found]));
}

describe('links and addresses through netlink, in the kernel', () => {
  let node: NetlinkNode;
  let socket: NetlinkSocket;

  function link(name: string): Link {
    const found = findLink(socket, name);
    assert.ok(found !== undefined, name);
    return found;
  }

  before(async function () {
    requireKernel(this);
    await removeAbandonedLabs(hostRunner, PREFIX);
  });
  beforeEach(async () => {
    node = await NetlinkNode.create(PREFIX);
    socket = node.open('route');
    await node.run('ip link add left type veth peer name right');
  });
  afterEach(async () => await node.remove());

  it('lists links as ip(8) does', async () => {
    await node.run('ip link set left up');
    const text = await node.run('ip -o -d link show');
    const theirs = text
      .trim()
      .split('\n')
      .map((line) => {
        const [, index, name] = /^(\d+): ([^@:]+)/.exec(line) ?? [];
        return {
          index: Number(index),
          name,
          kind: / veth /.test(line) ? 'veth' : undefined,
          isUp: /<[^>]*\bUP\b/.test(line),
        };
      });
    assert.deepEqual(
      listLinks(socket),
      theirs.toSorted((a, b) => a.index - b.index),
    );
    assert.equal(theirs.length, 3);
  });

  it('sets links up, and deletes them', async () => {
    setLinkUp(socket, link('right'));
    assert.ok(link('right').isUp && !link('left').isUp);
    assert.match(await node.run('ip -o link show right'), /<[^>]*\bUP\b/);
    deleteLink(socket, link('left'));
    assert.deepEqual(
      listLinks(socket).map(({ name }) => name),
      ['lo'],
    );
    assert.throws(
      () => deleteLink(socket, { index: 4711, name: 'gone' }),
      /^NetlinkError: delete the link gone: .* \(ENODEV\)/,
    );
    assert.equal(findLink(socket, 'left'), undefined);
  });

  it('creates the dummy link, or says what the kernel says that has none', async () => {
    const toolCan = await node.run('ip link add tools type dummy').then(
      () => true,
      (error: unknown) => {
        assert.ok(error instanceof CommandFailed);
        return false;
      },
    );
    if (toolCan) {
      createDummyLink(socket, 'kube-ipvs0');
      assert.deepEqual(
        { ...link('kube-ipvs0'), index: 0 },
        { index: 0, name: 'kube-ipvs0', kind: 'dummy', isUp: false },
      );
      assert.throws(() => createDummyLink(socket, 'kube-ipvs0'), /EEXIST/);
    } else {
      assert.throws(
        () => createDummyLink(socket, 'kube-ipvs0'),
        (error) =>
          error instanceof NetlinkError && error.code === 'EOPNOTSUPP' && error.kernelMessage === 'Unknown device type',
      );
    }
  });

  it('adds, lists and deletes addresses of both families', async () => {
    const left = link('left');
    setLinkUp(socket, left);
    setLinkUp(socket, link('right'));
    const wanted = ['10.96.0.1/32', '10.96.0.10/32', '192.168.7.1/24', 'fd00:96::1/128', 'fd00:96::a/64'];
    const addresses = wanted.map((text) => {
      const [address = '', prefix] = text.split('/');
      return { ip: ip(address), prefix: Number(prefix) };
    });
    assert.deepEqual(addAddresses(socket, left, addresses), []);
    assert.deepEqual((await addressesOf(node, 'left')).toSorted(), wanted.toSorted());
    const listed = listAddresses(socket, left).filter(({ ip: { text } }) => !text.startsWith('fe80:'));
    assert.deepEqual(listed.map(({ ip: { text }, prefix }) => `${text}/${prefix}`).toSorted(), wanted.toSorted());
    assert.ok(listed.every(({ index, isTentative }) => index === left.index && !isTentative));
    assert.deepEqual(deleteAddresses(socket, left, addresses.slice(1)), []);
    assert.deepEqual(await addressesOf(node, 'left'), ['10.96.0.1/32']);
  });

  it('names the addresses that were refused, in the words of the kernel, and sets the others', async () => {
    const left = link('left');
    const add = (...texts: readonly string[]): ReturnType<typeof addAddresses> =>
      addAddresses(
        socket,
        left,
        texts.map((text) => ({ ip: ip(text), prefix: text.includes(':') ? 128 : 32 })),
      );
    await node.run('ip address add 10.96.0.2/32 dev left');
    const failures = add('10.96.0.1', '10.96.0.2', 'fd00::1', '10.96.0.1');
    assert.deepEqual(
      failures.map(({ index, error: { operation, code } }) => [index, operation, code]),
      [
        [1, 'add 10.96.0.2/32 to left', 'EEXIST'],
        [3, 'add 10.96.0.1/32 to left', 'EEXIST'],
      ],
    );
    const [failure] = addAddresses(socket, left, [{ ip: ip('10.96.0.3'), prefix: 33 }]);
    assert.equal(failure?.error.code, 'EINVAL');
    const [gone] = deleteAddresses(socket, left, [{ ip: ip('10.96.0.9'), prefix: 32 }]);
    assert.equal(gone?.error.code, 'EADDRNOTAVAIL');
    const [nowhere] = addAddresses(socket, { index: 4711, name: 'gone' }, [{ ip: ip('10.96.0.9'), prefix: 32 }]);
    assert.equal(nowhere?.error.code, 'ENODEV');
    assert.deepEqual((await addressesOf(node, 'left')).toSorted(), ['10.96.0.1/32', '10.96.0.2/32', 'fd00::1/128']);
  });

  it('adds and deletes thousands', async () => {
    const left = link('left');
    const addresses = Array.from({ length: 3000 }, (_, i) => ({ ip: ip(`10.97.${i >> 8}.${i & 255}`), prefix: 32 }));
    assert.deepEqual(addAddresses(socket, left, addresses), []);
    assert.equal((await addressesOf(node, 'left')).length, 3000);
    assert.equal(listAddresses(socket, left).length, 3000);
    assert.deepEqual(deleteAddresses(socket, left, addresses), []);
    assert.deepEqual(listAddresses(socket, left), []);
  });
});
