// ipset through netlink beside ipset(8): the same sets, entry by entry, and each side understands what the other made.
import assert from 'node:assert/strict';
import { CommandFailed, hostRunner } from '../../src/host/exec.ts';
import { addEntries, deleteEntries, testEntry } from '../../src/host/netlink/ipset/entries.ts';
import type { IpSetEntry } from '../../src/host/netlink/ipset/entry.ts';
import type { IpSets } from '../../src/host/netlink/ipset/request.ts';
import type { NewIpSet } from '../../src/host/netlink/ipset/set.ts';
import { IPSET_REVISIONS, isIpSetType } from '../../src/host/netlink/ipset/set-types.ts';
import {
  createSet,
  destroySet,
  findIpSets,
  flushSet,
  listSetHeaders,
  listSetNames,
  listSets,
  renameSet,
  swapSets,
} from '../../src/host/netlink/ipset/sets.ts';
import { NetlinkError } from '../../src/host/netlink/netlink-error.ts';
import { removeAbandonedLabs } from '../../scripts/lab/lab.ts';
import { ip } from '../support/builders.ts';
import { NetlinkNode } from './support/netlink-node.ts';
import { requireKernel } from './support/requirements.ts';

const PREFIX = 'chainsmith-nlset';

interface Case {
  readonly set: NewIpSet;
  /** As ipset(8) takes it, without `create NAME`. */
  readonly made: string;
  readonly entries: readonly (readonly [text: string, entry: IpSetEntry])[];
}

const tcp = { port: 80, protocol: 6 };
const udp = { port: 53, protocol: 17 };

const CASES: readonly Case[] = [
  {
    set: { name: 'PORTS', type: 'bitmap:port', options: { ports: [0, 65_535] } },
    made: 'bitmap:port range 0-65535',
    entries: [
      ['30080', { port: 30_080 }],
      ['65535', { port: 65_535 }],
      ['0', { port: 0 }],
    ],
  },
  {
    set: { name: 'IPS', type: 'hash:ip', family: 'ipv4' },
    made: 'hash:ip family inet',
    entries: [['10.96.0.1', { ip: ip('10.96.0.1') }]],
  },
  {
    set: {
      name: 'KUBE-6-CLUSTER-IP',
      type: 'hash:ip,port',
      family: 'ipv6',
      options: { hashSize: 2048, maxElements: 70_000 },
    },
    made: 'hash:ip,port family inet6 hashsize 2048 maxelem 70000',
    entries: [
      ['fd00:96::1,tcp:80', { ip: ip('fd00:96::1'), ...tcp }],
      ['fd00:96::1,udp:53', { ip: ip('fd00:96::1'), ...udp }],
      ['fd00:96::1,sctp:9000', { ip: ip('fd00:96::1'), port: 9000, protocol: 132 }],
    ],
  },
  {
    set: { name: 'LOOP', type: 'hash:ip,port,ip', family: 'ipv4' },
    made: 'hash:ip,port,ip',
    entries: [['10.0.0.1,tcp:80,10.0.0.2', { ip: ip('10.0.0.1'), ...tcp, ip2: ip('10.0.0.2') }]],
  },
  {
    set: { name: 'CIDR', type: 'hash:ip,port,net', family: 'ipv4', options: { comments: true } },
    made: 'hash:ip,port,net comment',
    entries: [
      ['10.0.0.1,tcp:80,192.168.0.0/16', { ip: ip('10.0.0.1'), ...tcp, ip2: ip('192.168.0.0'), prefix2: 16 }],
      [
        '10.0.0.1,tcp:80,192.168.7.0/24 nomatch',
        { ip: ip('10.0.0.1'), ...tcp, ip2: ip('192.168.7.0'), prefix2: 24, noMatch: true },
      ],
      [
        '10.0.0.1,udp:53,10.0.0.0/8 comment words',
        { ip: ip('10.0.0.1'), ...udp, ip2: ip('10.0.0.0'), prefix2: 8, comment: 'words' },
      ],
    ],
  },
  {
    set: { name: 'NETS', type: 'hash:net', family: 'ipv6', options: { timeout: 0, counters: true } },
    made: 'hash:net family inet6 timeout 0 counters',
    entries: [['fd00:10::/64', { ip: ip('fd00:10::'), prefix: 64 }]],
  },
  {
    set: { name: 'NETPORTS', type: 'hash:net,port', family: 'ipv4', options: { forceAdd: true, skbInfo: true } },
    made: 'hash:net,port forceadd skbinfo',
    entries: [['10.1.0.0/16,tcp:80', { ip: ip('10.1.0.0'), prefix: 16, ...tcp }]],
  },
];

/** The hash's seed is random. */
function withoutSeeds(save: string): readonly string[] {
  return save
    .replaceAll(/ initval 0x[0-9a-f]+/g, '')
    .split('\n')
    .toSorted();
}

function withCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof NetlinkError && error.code === code;
}

describe('ipset through netlink, in the kernel', () => {
  let tool: NetlinkNode;
  let ours: NetlinkNode;
  let third: NetlinkNode;
  let sets: IpSets;

  before(async function () {
    requireKernel(this);
    await removeAbandonedLabs(hostRunner, PREFIX);
    [tool, ours, third] = [
      await NetlinkNode.create(PREFIX),
      await NetlinkNode.create(PREFIX),
      await NetlinkNode.create(PREFIX),
    ];
    sets = findIpSets(ours.open('netfilter'));
  });
  after(async () => {
    for (const node of [tool, ours, third]) await node?.remove();
  });
  afterEach(async () => {
    for (const node of [tool, ours, third]) await node.run('ipset destroy');
  });

  it('knows all types that it makes in the newest revision that ipset(8) makes', async () => {
    for (const { set, made } of CASES) {
      await tool.run(`ipset create ${set.name} ${made}`);
      createSet(sets, set);
    }
    const theirs = listSetHeaders(findIpSets(tool.open('netfilter')));
    const ourHeaders = listSetHeaders(sets);
    assert.equal(theirs.length, CASES.length);
    for (const type of Object.keys(IPSET_REVISIONS)) {
      const revision = theirs.find((set) => set.type === type)?.revision;
      assert.ok(revision !== undefined, type);
      assert.equal(ourHeaders.find((set) => set.type === type)?.revision, revision, type);
    }
  });

  for (const { set, made, entries } of CASES) {
    it(`makes and fills the set that ipset(8) does: ${set.type} ${set.family ?? ''}`, async () => {
      await tool.run(`ipset create ${set.name} ${made}`);
      for (const [text] of entries) await tool.run(`ipset add ${set.name} ${text}`);
      createSet(sets, set);
      assert.deepEqual(
        addEntries(
          sets,
          set.name,
          entries.map(([, entry]) => entry),
        ),
        [],
      );
      const save = await tool.run('ipset save');
      assert.equal(save.split('\n').length, entries.length + 2);
      assert.deepEqual(withoutSeeds(await ours.run('ipset save')), withoutSeeds(save));
      for (const [text, entry] of entries) {
        if (entry.noMatch !== true) assert.ok(testEntry(sets, set.name, entry), text);
      }
    });

    it(`reads the set that ipset(8) made, and makes it again: ${set.type} ${set.family ?? ''}`, async () => {
      await tool.run(`ipset create ${set.name} ${made}`);
      for (const [text] of entries) await tool.run(`ipset add ${set.name} ${text}`);
      const [listed, ...others] = listSets(findIpSets(tool.open('netfilter')));
      assert.ok(listed !== undefined && others.length === 0);
      assert.equal(listed.elements, entries.length);
      const { name, family, options } = listed;
      const { type } = listed;
      assert.ok(isIpSetType(type));
      createSet(sets, { name, type, ...(family === undefined ? {} : { family }), options });
      assert.deepEqual(addEntries(sets, name, listed.entries), []);
      // The seed too, this time: bucketsize and initval are options.
      const lines = (save: string): readonly string[] => save.split('\n').toSorted();
      assert.deepEqual(lines(await ours.run('ipset save')), lines(await tool.run('ipset save')));
    });
  }

  it('says what ipset(8) says of mistakes', async () => {
    const [set] = [CASES[3]?.set];
    assert.ok(set !== undefined);
    createSet(sets, set);
    assert.throws(() => createSet(sets, set), withCode('EEXIST'));
    createSet(sets, set, true);
    assert.throws(() => createSet(sets, { ...set, type: 'hash:ip' }, true), withCode('EEXIST'));
    assert.throws(() => destroySet(sets, 'NONE'), withCode('ENOENT'));
    assert.throws(() => flushSet(sets, 'NONE'), withCode('ENOENT'));
    assert.throws(() => listSets(sets, 'NONE'), withCode('ENOENT'));
    assert.throws(() => addEntries(sets, 'NONE', [{ port: 1 }]), withCode('ENOENT'));
    await ours.run('iptables-nft -A INPUT -m set --match-set LOOP src,src,src -j ACCEPT');
    assert.equal(listSetHeaders(sets)[0]?.references, 1);
    assert.throws(() => destroySet(sets, 'LOOP'), withCode('IPSET_ERR_BUSY'));
    assert.throws(() => renameSet(sets, 'LOOP', 'OTHER'), withCode('IPSET_ERR_REFERENCED'));
    await ours.run('iptables-nft -F INPUT');
    renameSet(sets, 'LOOP', 'OTHER');
    assert.deepEqual(listSetNames(sets), ['OTHER']);
  });

  it('names the entries that are there already, not there, too many or impossible', () => {
    const entry = (i: number): IpSetEntry => ({ ip: ip(`10.0.${i >> 8}.${i & 255}`) });
    const codes = (failures: ReturnType<typeof addEntries>): readonly unknown[] =>
      failures.map(({ index, error: { code } }) => [index, code]);
    createSet(sets, { name: 'SMALL', type: 'hash:ip', family: 'ipv4', options: { maxElements: 4 } });
    const type = 'hash:ip';
    assert.deepEqual(codes(addEntries(sets, 'SMALL', [1, 2, 1, 3, 2, 4].map(entry), { type })), [
      [2, 'IPSET_ERR_EXIST'],
      [4, 'IPSET_ERR_EXIST'],
    ]);
    assert.deepEqual(codes(addEntries(sets, 'SMALL', [1, 2, 5, 4, 6].map(entry), { type, exist: true })), [
      [2, 'IPSET_ERR_HASH_FULL'],
      [4, 'IPSET_ERR_HASH_FULL'],
    ]);
    const impossible = addEntries(sets, 'SMALL', [{ ip: ip('fd00::1') }, { ip: ip('0.0.0.0') }], { type });
    assert.deepEqual(codes(impossible), [
      [0, 'IPSET_ERR_PROTOCOL'],
      [1, 'IPSET_ERR_HASH_ELEM'],
    ]);
    assert.equal(
      impossible[1]?.error.message,
      'add 0.0.0.0 to the set SMALL: the entry is the one that such a set cannot hold (IPSET_ERR_HASH_ELEM)',
    );
    assert.deepEqual(codes(deleteEntries(sets, 'SMALL', [1, 9, 2].map(entry))), [[1, 'IPSET_ERR_EXIST']]);
    assert.deepEqual(deleteEntries(sets, 'SMALL', [1, 2, 3, 4].map(entry), { exist: true }), []);
    assert.deepEqual(listSets(sets, 'SMALL')[0]?.entries, []);
  });

  it('takes ten thousand entries, tells the thousand of them that were there, and lists them', async () => {
    const entry = (i: number): IpSetEntry => ({
      ip: ip(`fd00::${(i + 1).toString(16)}`),
      ...tcp,
      ip2: ip('fd00:1::'),
      prefix2: 64,
    });
    const all = Array.from({ length: 10_000 }, (_, i) => entry(i));
    const some = all.filter((_, i) => i % 10 === 7);
    createSet(sets, { name: 'BIG', type: 'hash:ip,port,net', family: 'ipv6' });
    assert.deepEqual(addEntries(sets, 'BIG', some), []);
    const failures = addEntries(sets, 'BIG', all);
    assert.deepEqual(
      failures.map(({ index }) => index),
      some.map((_, i) => i * 10 + 7),
    );
    assert.equal(listSets(sets, 'BIG')[0]?.entries.length, 10_000);
    assert.equal((await ours.run('ipset save BIG')).split('\n').length, 10_002);
    assert.deepEqual(deleteEntries(sets, 'BIG', all.slice(1)), []);
    assert.deepEqual(listSets(sets, 'BIG')[0]?.entries, [entry(0)]);
    flushSet(sets, 'BIG');
    assert.deepEqual(listSets(sets, 'BIG')[0]?.entries, []);
  });

  it('swaps sets under a rule', async () => {
    for (const name of ['LIVE', 'NEXT']) createSet(sets, { name, type: 'hash:ip', family: 'ipv4' });
    await ours.run('iptables-nft -A INPUT -m set --match-set LIVE src -j ACCEPT');
    addEntries(sets, 'NEXT', [{ ip: ip('10.0.0.7') }]);
    swapSets(sets, 'LIVE', 'NEXT');
    assert.ok(testEntry(sets, 'LIVE', { ip: ip('10.0.0.7') }));
    assert.match(await ours.run('iptables-nft -S INPUT'), /--match-set LIVE src/);
    destroySet(sets, 'NEXT');
    await ours.run('iptables-nft -F INPUT');
    createSet(sets, { name: 'PORTS', type: 'bitmap:port', options: { ports: [0, 9] } });
    assert.throws(() => swapSets(sets, 'LIVE', 'PORTS'), withCode('IPSET_ERR_TYPE_MISMATCH'));
  });

  it('empties the time of an entry as ipset(8) prints it', async () => {
    createSet(sets, { name: 'TIMED', type: 'hash:ip', family: 'ipv4', options: { timeout: 300 } });
    assert.deepEqual(addEntries(sets, 'TIMED', [{ ip: ip('10.0.0.1'), timeout: 60 }, { ip: ip('10.0.0.2') }]), []);
    const times = listSets(sets, 'TIMED')[0]?.entries.map(({ ip: address, timeout }) => [address?.text, timeout ?? -1]);
    for (const [text, timeout] of times ?? []) {
      const most = text === '10.0.0.1' ? 60 : 300;
      assert.ok(Number(timeout) > most - 5 && Number(timeout) <= most, `${text} ${timeout}`);
    }
    assert.equal(times?.length, 2);
    await assert.rejects(async () => await ours.run('ipset test TIMED 10.0.0.3'), CommandFailed);
    assert.equal(testEntry(sets, 'TIMED', { ip: ip('10.0.0.3') }), false);
  });
});
