// ipset(8)'s conversations with the kernel, had by chainsmith: what it sends says the same, and what comes back is understood.
import assert from 'node:assert/strict';
import { NetlinkError } from '../../../../src/host/netlink/netlink-error.ts';
import { addEntries, deleteEntries, testEntry } from '../../../../src/host/netlink/ipset/entries.ts';
import type { IpSetEntry } from '../../../../src/host/netlink/ipset/entry.ts';
import type { IpSets } from '../../../../src/host/netlink/ipset/request.ts';
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
} from '../../../../src/host/netlink/ipset/sets.ts';
import { ip } from '../../../support/builders.ts';
import {
  NEEDS_LITTLE_ENDIAN,
  Recording,
  replay,
  requestOf,
  shapeOf,
  type Exchange,
} from '../../../support/netlink-recordings.ts';

const HEADER = 4;

describe('ipset through netlink, recorded', () => {
  before(function () {
    if (!NEEDS_LITTLE_ENDIAN) this.skip();
  });

  const recording = new Recording('ipset');

  /** The header of a set, which ipset(8) looks at before it adds something, is of no interest here. */
  function withoutHeaders(exchanges: readonly Exchange[]): readonly Exchange[] {
    return exchanges.filter((exchange) => requestOf(exchange).type !== 0x60c);
  }

  /** Does it with the recorded kernel, and compares all that is sent. */
  function same<T>(command: string, run: (sets: IpSets) => T, nth = 0): T {
    const exchanges = withoutHeaders(recording.exchanges(command, nth));
    const { socket, sent, assertFinished } = replay(exchanges);
    try {
      return run(findIpSets(socket));
    } finally {
      const shapes = sent().map((message) => shapeOf(message, HEADER));
      assert.deepEqual(
        shapes,
        exchanges.map((exchange) => shapeOf(requestOf(exchange), HEADER)),
      );
      assertFinished();
    }
  }

  /** The same where chainsmith says it in another way: only the answers count. */
  function answered<T>(command: string, run: (sets: IpSets) => T, more: readonly Exchange[] = []): T {
    const { socket, assertFinished } = replay([...withoutHeaders(recording.exchanges(command)), ...more]);
    const result = run(findIpSets(socket));
    assertFinished();
    return result;
  }

  it('agrees on a version of the protocol', () => {
    assert.equal(
      same('ipset list nope', (sets) => (assertCode(() => listSets(sets, 'nope'), 'ENOENT'), sets.protocol)),
      7,
    );
  });

  it('creates sets, in the newest revision', () => {
    const ports = { name: 'ports', type: 'bitmap:port', options: { ports: [0, 65_535] } } as const;
    same('ipset create ports bitmap:port range 0-65535 -exist', (sets) => createSet(sets, ports, true));
    same('ipset create loop hash:ip,port,ip', (sets) =>
      createSet(sets, { name: 'loop', type: 'hash:ip,port,ip', family: 'ipv4' }),
    );
    // ipset(8) asks for the revisions of the type before it has read the family.
    const command =
      'ipset create nets hash:ip,port,net family inet6 hashsize 2048 maxelem 1000 timeout 300 comment counters';
    const options = { hashSize: 2048, maxElements: 1000, timeout: 300, comments: true, counters: true };
    const { socket, sent } = replay(recording.exchanges(command));
    createSet(findIpSets(socket), { name: 'nets', type: 'hash:ip,port,net', family: 'ipv6', options });
    const [last] = sent().slice(-1);
    assert.ok(last !== undefined);
    assert.deepEqual(shapeOf(last, HEADER), shapeOf(requestOf(recording.last(command)), HEADER));
  });

  it('renames, swaps, empties and destroys sets', () => {
    same('ipset swap ips loop', (sets) => assertCode(() => swapSets(sets, 'ips', 'loop'), 'IPSET_ERR_TYPE_MISMATCH'));
    same('ipset swap ips other', (sets) => swapSets(sets, 'ips', 'other'));
    same('ipset rename ips renamed', (sets) => renameSet(sets, 'ips', 'renamed'));
    same('ipset rename renamed other', (sets) =>
      assertCode(() => renameSet(sets, 'renamed', 'other'), 'IPSET_ERR_EXIST_SETNAME2'),
    );
    same('ipset flush loop', (sets) => flushSet(sets, 'loop'));
    same('ipset destroy loop', (sets) => destroySet(sets, 'loop'));
  });

  it('lists names', () => {
    assert.deepEqual(same('ipset list -n', listSetNames), ['ports', 'nets', 'loop', 'ips']);
  });

  it('lists sets without their entries', () => {
    const [ports, nets, loop, ips, ...others] = same('ipset list -t', listSetHeaders);
    assert.deepEqual(others, []);
    assert.deepEqual(ports, {
      name: 'ports',
      type: 'bitmap:port',
      family: undefined,
      revision: 3,
      options: { ports: [0, 65_535] },
      references: 0,
      elements: 1,
      memory: ports?.memory,
    });
    const { initValue, ...options } = nets?.options ?? {};
    assert.ok(initValue !== undefined && (ports?.memory ?? 0) > 8192);
    assert.deepEqual(options, {
      hashSize: 2048,
      maxElements: 1000,
      bucketSize: 12,
      timeout: 300,
      comments: true,
      counters: true,
    });
    assert.deepEqual(
      [nets, loop, ips].map((set) => [set?.name, set?.type, set?.family, set?.revision, set?.elements]),
      [
        ['nets', 'hash:ip,port,net', 'ipv6', 8, 2],
        ['loop', 'hash:ip,port,ip', 'ipv4', 6, 1],
        ['ips', 'hash:ip', 'ipv4', 6, 0],
      ],
    );
  });

  it('lists sets with their entries', () => {
    const entries = same('ipset list', (sets) => listSets(sets)).map(({ entries: [...entries] }) => entries);
    const [[port] = [], nets = [], loop, ips] = entries;
    assert.deepEqual(port, { port: 80 });
    assert.deepEqual(loop, [{ ip: ip('10.0.0.1'), port: 80, protocol: 6, ip2: ip('10.0.0.2') }]);
    assert.deepEqual(ips, []);
    const byPrefix = nets.toSorted((a, b) => (a.protocol ?? 0) - (b.protocol ?? 0));
    const [udp, sctp] = byPrefix;
    assert.ok(udp?.timeout !== undefined && udp.timeout > 50 && udp.timeout <= 60);
    assert.deepEqual(udp, {
      ip: ip('fd00::1'),
      port: 53,
      protocol: 17,
      ip2: ip('fd00::'),
      prefix2: 64,
      timeout: udp.timeout,
      comment: 'a comment',
    });
    assert.deepEqual(sctp, {
      ip: ip('fd00::1'),
      port: 53,
      protocol: 132,
      ip2: ip('fd00:1::'),
      prefix2: 64,
      timeout: sctp?.timeout,
      noMatch: true,
    });
  });

  it('lists a set of more than one message', () => {
    const { replies } = recording.last('ipset list ips');
    assert.ok(replies.length > 3);
    const [set, ...others] = same('ipset list ips', (sets) => listSets(sets, 'ips'));
    assert.deepEqual(others, []);
    const expected = Array.from({ length: 1000 }, (_, i) => `10.1.${Math.floor(i / 250)}.${i % 250}`);
    const found = set?.entries.map((entry) => entry.ip?.text ?? '') ?? [];
    assert.deepEqual(found.toSorted(), expected.toSorted());
    assert.equal(set?.elements, 1000);
  });

  it('adds and deletes entries', () => {
    const added = (command: string, name: string, entry: IpSetEntry): readonly unknown[] =>
      answered(command, (sets) => addEntries(sets, name, [entry]));
    assert.deepEqual(added('ipset add ports 80', 'ports', { port: 80 }), []);
    const loop = { ip: ip('10.0.0.1'), port: 80, protocol: 6, ip2: ip('10.0.0.2') };
    assert.deepEqual(added('ipset add loop 10.0.0.1,tcp:80,10.0.0.2', 'loop', loop), []);
    assert.deepEqual(
      answered('ipset flush loop', (sets) => deleteEntries(sets, 'loop', [loop])),
      [],
    );
  });

  it('looks for entries', () => {
    const entry = { ip: ip('10.0.0.1'), port: 80, protocol: 6, ip2: ip('10.0.0.2') };
    assert.equal(
      same('ipset test loop 10.0.0.1,tcp:80,10.0.0.2', (sets) => testEntry(sets, 'loop', entry)),
      true,
    );
    const other = { ...entry, port: 81 };
    assert.equal(
      same('ipset test loop 10.0.0.1,tcp:81,10.0.0.2', (sets) => testEntry(sets, 'loop', other)),
      false,
    );
  });

  it('finds the entry that failed among many, and goes on behind it', () => {
    const entries = ['10.0.0.1', '10.0.0.2', '10.0.0.1', '10.0.0.3'].map((text) => ({ ip: ip(text) }));
    const rest = recording.last('ipset add ports 80');
    const exchanges = [...withoutHeaders(recording.exchanges('ipset restore -file restore.txt')), rest];
    const { socket, sent } = replay(exchanges);
    const failures = addEntries(findIpSets(socket), 'renamed', entries, { type: 'hash:ip' });
    assert.deepEqual(
      failures.map(({ index, error: { operation, code } }) => [index, operation, code]),
      [[2, 'add 10.0.0.1 to the set renamed', 'IPSET_ERR_EXIST']],
    );
    // The fourth one again, by itself, as ipset(8) would send it but for the number of the line.
    const again = sent().at(-1);
    assert.ok(again !== undefined);
    assert.deepEqual(shapeOf(again, HEADER), {
      type: 0x609,
      flags: 0x201,
      header: '02000000',
      attributes: { 1: '07', 2: Buffer.from('renamed\0').toString('hex'), 7: { 1: { '1 net': '0a000003' } } },
    });
  });

  it('says what concerns a whole set', () => {
    const { socket } = replay([...recording.exchanges('ipset list nope')]);
    assertCode(() => addEntries(findIpSets(socket), 'nope', [{ ip: ip('10.0.0.1') }]), 'ENOENT');
  });
});

function assertCode(run: () => unknown, code: string): void {
  assert.throws(run, (error) => error instanceof NetlinkError && error.code === code);
}
