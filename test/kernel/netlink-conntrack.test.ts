// Connection tracking through netlink beside conntrack(8).
import assert from 'node:assert/strict';
import { hostRunner } from '../../src/host/exec.ts';
import {
  deleteConntrack,
  listConntrack,
  type ConntrackEntry,
  type ConntrackFilter,
} from '../../src/host/netlink/conntrack/conntrack.ts';
import { describeTuple, type ConntrackTuple } from '../../src/host/netlink/conntrack/tuple.ts';
import type { NetlinkSocket } from '../../src/host/netlink/request.ts';
import { removeAbandonedLabs } from '../../scripts/lab/lab.ts';
import { NetlinkNode } from './support/netlink-node.ts';
import { requireKernel } from './support/requirements.ts';

const PREFIX = 'chainsmith-nlct';

const ENTRIES = [
  '-s 10.0.0.1 -d 10.96.0.10 -p udp --sport 5353 --dport 53 --reply-src 10.244.0.7 --reply-dst 10.0.0.1 --reply-port-src 5353 --reply-port-dst 5353 -u SEEN_REPLY',
  '-s 10.0.0.2 -d 10.96.0.10 -p udp --sport 5353 --dport 53',
  '-s 10.0.0.2 -d 10.96.0.1 -p tcp --sport 40000 --dport 443 --state ESTABLISHED -u SEEN_REPLY,ASSURED -m 7',
  '-s 10.0.0.3 -d 10.96.0.10 -p udp --sport 5353 --dport 53 -w 5',
  '-s 10.0.0.4 -d 10.0.0.5 -p icmp --icmp-type 8 --icmp-code 0 --icmp-id 77',
  '-s 10.0.0.6 -d 10.96.0.11 -p sctp --sport 40001 --dport 9000 --state ESTABLISHED --orig-vtag 1 --reply-vtag 2',
  '-s fd00::1 -d fd00:96::a -p udp --sport 5353 --dport 53',
  '-s fd00::4 -d fd00::5 -p icmpv6 --icmpv6-type 128 --icmpv6-code 0 --icmpv6-id 78',
];

/** One direction as conntrack(8) prints it. */
function printed({ source, destination, transport }: ConntrackTuple): string {
  const addresses = `src=${source.text} dst=${destination.text}`;
  if (transport.kind === 'ports')
    return `${addresses} sport=${transport.sourcePort} dport=${transport.destinationPort}`;
  if (transport.kind === 'other') return addresses;
  return `${addresses} type=${transport.type} code=${transport.code} id=${transport.id}`;
}

/** A line of `conntrack -L` without what it counts: protocol, both directions, flags, mark, zone. */
function printedEntry({ original, reply, mark, zone, isReplied, isAssured }: ConntrackEntry): string {
  const flags = isReplied ? '' : ' [UNREPLIED]';
  const end = `${isAssured ? ' [ASSURED]' : ''} mark=${mark}${zone === 0 ? '' : ` zone=${zone}`}`;
  return `${original.transport.protocol} ${printed(original)}${flags} ${printed(reply)}${end}`;
}

async function theirs(node: NetlinkNode, options = ''): Promise<readonly string[]> {
  const words = ['conntrack', '-L', ...options.split(' ')].filter((word) => word !== '').join(' ');
  const lines = (await node.run(words)).split('\n').filter((line) => line !== '');
  return lines
    .map((line) =>
      line
        .replace(/^\S+ +(\d+) +\d+ (?:[A-Z_]+ )?/, '$1 ')
        .replace(/ use=\d+$/, '')
        .replaceAll(/ +/g, ' '),
    )
    .toSorted();
}

describe('connection tracking through netlink, in the kernel', () => {
  let node: NetlinkNode;
  let socket: NetlinkSocket;

  const ours = (filter?: ConntrackFilter): readonly string[] =>
    listConntrack(socket, filter).map(printedEntry).toSorted();

  function entriesTo(text: string): readonly ConntrackEntry[] {
    return listConntrack(socket).filter(({ original }) => describeTuple(original).includes(text));
  }

  before(async function () {
    requireKernel(this);
    await removeAbandonedLabs(hostRunner, PREFIX);
  });
  beforeEach(async () => {
    node = await NetlinkNode.create(PREFIX);
    socket = node.open('netfilter');
    for (const entry of ENTRIES) await node.run(`conntrack -I -t 600 ${entry}`);
  });
  afterEach(async () => await node.remove());

  it('lists what conntrack(8) lists', async () => {
    const lines = await theirs(node);
    assert.equal(lines.length, ENTRIES.length);
    assert.deepEqual(ours(), lines);
    for (const { timeout = 0, id } of listConntrack(socket))
      assert.ok(timeout > 500 && timeout <= 600 && id !== undefined);
  });

  const FILTERS: readonly (readonly [filter: ConntrackFilter, options: string])[] = [
    [{ family: 'ipv4' }, '-f ipv4'],
    [{ family: 'ipv6' }, '-f ipv6'],
    [{ family: 'ipv4', protocol: 17 }, '-f ipv4 -p udp'],
    [{ family: 'ipv6', protocol: 17 }, '-f ipv6 -p udp'],
    [{ family: 'ipv4', protocol: 6 }, '-f ipv4 -p tcp'],
    [{ family: 'ipv4', protocol: 132 }, '-f ipv4 -p sctp'],
    [{ zone: 5 }, '-w 5'],
    [{ family: 'ipv4', protocol: 17, zone: 5 }, '-f ipv4 -p udp -w 5'],
  ];
  for (const [filter, options] of FILTERS) {
    it(`lists what conntrack(8) lists with ${options}`, async () => {
      const lines = await theirs(node, options);
      assert.ok(lines.length > 0);
      assert.deepEqual(ours(filter), lines);
    });
  }

  it('deletes exactly what it is told', async () => {
    const before = await theirs(node);
    for (const [i, entry] of listConntrack(socket).entries()) {
      assert.deepEqual(deleteConntrack(socket, [entry]), [], describeTuple(entry.original));
      const left = await theirs(node);
      assert.equal(left.length, before.length - i - 1);
      assert.ok(!left.includes(printedEntry(entry)));
      const [failure] = deleteConntrack(socket, [entry]);
      assert.equal(failure?.error.code, 'ENOENT');
    }
  });

  it('deletes many, says which were gone, and does not touch the others', async () => {
    const [gone, ...stale] = [...entriesTo('10.0.0.1:'), ...entriesTo('10.96.0.1:443'), ...entriesTo('fd00::1')];
    assert.ok(gone !== undefined && stale.length === 2);
    await node.run('conntrack -D -s 10.0.0.1 -p udp');
    const failures = deleteConntrack(socket, [...stale.slice(0, 1), gone, ...stale.slice(1)]);
    assert.deepEqual(
      failures.map(({ index, error: { operation, code } }) => [index, operation, code]),
      [[1, 'delete the tracked connection udp 10.0.0.1:5353 -> 10.96.0.10:53', 'ENOENT']],
    );
    assert.equal((await theirs(node)).length, ENTRIES.length - 3);
  });

  it('does not delete another entry that came in the place of the one it is told', async () => {
    const [old] = entriesTo('10.0.0.2:5353');
    assert.ok(old !== undefined);
    let current: ConntrackEntry | undefined = old;
    // The kernel makes the number of an entry from its place in memory, among others, which mostly is the same one again: others take it, those of
    // the processor that gave it free. So some tries may be needed.
    for (let port = 5000; current?.id === old.id && port < 5400; port += 20) {
      await node.run('conntrack -D -s 10.0.0.2 -p udp');
      for (let i = 0; i < 20; i += 1)
        await node.run(`conntrack -I -t 600 -s 10.9.9.9 -d 10.96.0.10 -p udp --sport ${port + i} --dport 53`);
      await node.run(`conntrack -I -t 600 ${ENTRIES[1]}`);
      [current] = entriesTo('10.0.0.2:5353');
    }
    assert.ok(current !== undefined && current.id !== old.id);
    assert.equal(deleteConntrack(socket, [old])[0]?.error.code, 'ENOENT');
    assert.deepEqual(deleteConntrack(socket, [{ ...old, id: undefined }]), []);
    assert.deepEqual(entriesTo('10.0.0.2:5353'), []);
  });

  it('knows packets that were translated', async () => {
    await node.run('ip link set lo up');
    await node.run(
      'iptables-nft -t nat -A OUTPUT -d 10.96.0.99/32 -p udp --dport 53 -j DNAT --to-destination 127.0.0.1:5353',
    );
    await node.run('ip route add 10.96.0.0/16 dev lo');
    await node.runner.run('bash', ['-c', 'echo hello > /dev/udp/10.96.0.99/53']);
    const [entry] = entriesTo('10.96.0.99:53');
    assert.ok(entry !== undefined);
    assert.deepEqual([entry.isDestinationTranslated, entry.isReplied], [true, false]);
    assert.deepEqual(
      [entry.reply.source.text, entry.reply.transport],
      ['127.0.0.1', { ...entry.reply.transport, kind: 'ports', protocol: 17, sourcePort: 5353 }],
    );
  });

  it('does nothing when it is told nothing', () => {
    assert.deepEqual(deleteConntrack(socket, []), []);
    assert.equal(listConntrack(socket).length, ENTRIES.length);
  });
});
