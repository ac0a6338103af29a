// Netlink sockets of the real kernel: where they are, what they may, and what happens when the kernel's tables change meanwhile.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostRunner } from '../../src/host/exec.ts';
import { HostError } from '../../src/host/host-error.ts';
import { decodeMessages } from '../../src/host/netlink/codec/message.ts';
import { NLM_F } from '../../src/host/netlink/codec/netlink-header.ts';
import { openKoffiTransport } from '../../src/host/netlink/koffi/koffi-transport.ts';
import { NetlinkError } from '../../src/host/netlink/netlink-error.ts';
import { openNetlinkSocket } from '../../src/host/netlink/open-socket.ts';
import type { NetlinkSocket } from '../../src/host/netlink/request.ts';
import { addAddresses, deleteAddresses, listAddresses } from '../../src/host/netlink/route/addresses.ts';
import { findLink, listLinks, setLinkUp } from '../../src/host/netlink/route/links.ts';
import { socketOver } from '../../src/host/netlink/socket.ts';
import type { NetlinkTransport } from '../../src/host/netlink/transport.ts';
import { removeAbandonedLabs } from '../../scripts/lab/lab.ts';
import { NetlinkNode } from './support/netlink-node.ts';
import { requireKernel } from './support/requirements.ts';

const PREFIX = 'chainsmith-nlsock';

function address(i: number): {
  readonly ip: { readonly family: 'ipv4'; readonly text: string };
  readonly prefix: number;
} {
  return { ip: { family: 'ipv4', text: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}` }, prefix: 32 };
}

describe('netlink sockets, in the kernel', () => {
  let node: NetlinkNode;
  let route: NetlinkSocket;

  before(async function () {
    requireKernel(this);
    await removeAbandonedLabs(hostRunner, PREFIX);
    node = await NetlinkNode.create(PREFIX);
    route = node.open('route');
  });
  after(async () => await node?.remove());

  it('stay in the namespace where they were opened, and this thread does not', async () => {
    const before = readlinkSync('/proc/thread-self/ns/net');
    await node.run('ip link add only-here type veth peer name only-here-too');
    const outside = openNetlinkSocket('route');
    try {
      const names = (socket: NetlinkSocket): readonly string[] => listLinks(socket).map(({ name }) => name);
      assert.deepEqual(names(route).toSorted(), ['lo', 'only-here', 'only-here-too']);
      assert.ok(!names(outside).includes('only-here'));
    } finally {
      outside.close();
    }
    assert.equal(readlinkSync('/proc/thread-self/ns/net'), before);
  });

  it('are not opened where there is no namespace', () => {
    for (const [path, message] of [
      ['/run/netns/chainsmith-none', /cannot be opened: no such file or directory/],
      ['/proc/self/ns/uts', /is not a network namespace/],
      ['/etc/hostname', /is not a network namespace/],
    ] as const) {
      assert.throws(
        () => openNetlinkSocket('route', { namespacePath: path }),
        (error) => error instanceof HostError && message.test(error.message),
        path,
      );
    }
    assert.equal(readlinkSync('/proc/thread-self/ns/net'), readlinkSync('/proc/self/ns/net'));
  });

  it('leave no file open when they are closed', () => {
    const files = (): string => readFileSync('/proc/self/net/netlink', 'utf8');
    const open = (): number =>
      files()
        .split('\n')
        .filter((line) => line.includes(` ${process.pid} `)).length;
    const before = open();
    for (let i = 0; i < 50; i += 1) openNetlinkSocket('netfilter', { namespacePath: node.path }).close();
    assert.equal(open(), before);
  });

  it('list anew what changed meanwhile', () => {
    const lo = findLink(route, 'lo');
    assert.ok(lo !== undefined);
    setLinkUp(route, lo);
    // So many that their list has several parts.
    const many = Array.from({ length: 2000 }, (_, i) => address(0x10000 + i));
    assert.deepEqual(addAddresses(route, lo, many), []);
    const transport = openKoffiTransport('route', { namespacePath: node.path });
    let changes = 0;
    let torn = 0;
    let lists = 0;
    const meddling: NetlinkTransport = {
      send: (datagram) => ((lists += 1), transport.send(datagram)),
      close: () => transport.close(),
      receive: (timeoutMs) => {
        const datagram = transport.receive(timeoutMs);
        const messages = decodeMessages(datagram ?? new Uint8Array());
        if (messages.some(({ flags }) => (flags & NLM_F.DUMP_INTR) !== 0)) torn += 1;
        if (changes < 2) {
          changes += 1;
          const other = changes === 1 ? addAddresses : deleteAddresses;
          assert.deepEqual(other(route, lo, [address(0x20000)]), []);
        }
        return datagram;
      },
    };
    const listed = listAddresses(socketOver(meddling), lo);
    meddling.close();
    assert.ok(torn > 0 && lists > 1, `${torn} torn, ${lists} lists`);
    const expected = [...many.map(({ ip }) => ip.text), '127.0.0.1'].toSorted();
    const found = listed.filter(({ ip }) => ip.family === 'ipv4').map(({ ip }) => ip.text);
    assert.deepEqual(found.toSorted(), expected);
  });

  it('list again after a listing that ended early', () => {
    const socket = node.open('route');
    const links = { operation: 'list', type: 22, flags: 0, header: new Uint8Array(8), attributes: [] };
    // The two thousand addresses of the test before: more than one part.
    assert.throws(() => socket.dump(links, () => assert.fail('not understood')), /not understood/);
    assert.ok(socket.dump(links, () => 1).length > 2000);
  });

  it('say what the kernel lost', () => {
    const transport = openKoffiTransport('netfilter', { namespacePath: node.path });
    // A request without sense, many times, of which nobody reads the answers.
    const nonsense = Uint8Array.from(Buffer.from('1400000001060500010000000000000002000000', 'hex'));
    const many = Buffer.concat(Array.from({ length: 5000 }, () => nonsense));
    for (let i = 0; i < 4; i += 1) transport.send(many);
    assert.throws(() => {
      while (transport.receive(0) !== undefined);
    }, /recvfrom failed with error 105/);
    transport.close();
  });

  it('may be opened by anybody, who is then refused', () => {
    const base = new URL('../../src/host/netlink/', import.meta.url).href;
    const script = `
      const { openNetlinkSocket } = await import('${base}open-socket.js');
      const { createDummyLink } = await import('${base}route/links.js');
      const { findIpSets } = await import('${base}ipset/sets.js');
      const { deleteConntrack, listConntrack } = await import('${base}conntrack/conntrack.js');
      openNetlinkSocket('route').close();
      process.setgroups([]); process.setgid(65534); process.setuid(65534);
      const tryIt = (run) => { try { return run(); } catch (error) { return [error.name, error.code, error.advice]; } };
      const ip = (text) => ({ family: 'ipv4', text });
      const original = { source: ip('192.0.2.1'), destination: ip('192.0.2.2'), transport: { kind: 'other', protocol: 253 }, zone: undefined };
      const key = { original, zone: 0, id: undefined };
      const netfilter = openNetlinkSocket('netfilter', { timeoutMs: 2000 });
      console.log(JSON.stringify([
        tryIt(() => createDummyLink(openNetlinkSocket('route'), 'chainsmith-no')),
        tryIt(() => findIpSets(netfilter)),
        tryIt(() => deleteConntrack(netfilter, [key, key, key]).map(({ index, error }) => [index, error.code])),
        tryIt(() => openNetlinkSocket('route', { namespacePath: '/proc/1/ns/net' })),
      ]));`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    const refused = ['NetlinkError', 'EPERM', 'run chainsmith as root'];
    assert.equal(stderr, '');
    assert.deepEqual(JSON.parse(stdout), [
      refused,
      refused,
      [0, 1, 2].map((index) => [index, 'EPERM']),
      ['HostError', null, 'run chainsmith as root'],
    ]);
  });

  it('name what the kernel does not have', () => {
    const socket = node.open('netfilter');
    const request = { operation: 'ask for nothing', type: 0x6301, flags: 0, header: new Uint8Array(4), attributes: [] };
    assert.throws(
      () => socket.execute(request),
      (error) =>
        error instanceof NetlinkError && error.message.startsWith('ask for nothing: invalid argument (EINVAL)'),
    );
  });
});
