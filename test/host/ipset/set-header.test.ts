import assert from 'node:assert/strict';
import { comparableShape, fits } from '../../../src/core/plan/ipvs/set-shape.ts';
import { parseIpsetSave } from '../../../src/core/parse/ipset-save/parse-ipset-save.ts';
import { memberItem } from '../../../src/core/plan/ipvs/ipvs-item.ts';
import { entryOfNetlink, netlinkEntry } from '../../../src/host/ipset/netlink-entry.ts';
import { headerWords, newSetOptions, newSetWords } from '../../../src/host/ipset/set-header.ts';
import { ipvsCases, recordedIpvs } from '../../support/ipvs-reference.ts';

const words = (text: string): readonly string[] => text.split(' ');

describe('headers of sets', () => {
  it('lose what only says how a set was stored when one is made anew', () => {
    const header = words(
      'family inet hashsize 1024 maxelem 65536 timeout 600 counters bucketsize 12 initval 0x1234abcd',
    );
    assert.deepEqual(newSetWords(header), words('family inet hashsize 1024 maxelem 65536 timeout 600 counters'));
    assert.deepEqual(newSetOptions(header), { hashSize: 1024, maxElements: 65_536, timeout: 600, counters: true });
    assert.deepEqual(newSetOptions(['range', '0-65535']), { ports: [0, 65_535] });
  });

  it('are the same words from netlink', () => {
    assert.deepEqual(
      headerWords('ipv6', { hashSize: 1024, maxElements: 8, comments: true, bucketSize: 12, initValue: 0xab }),
      words('family inet6 hashsize 1024 maxelem 8 comment bucketsize 12 initval 0x000000ab'),
    );
    assert.deepEqual(headerWords(undefined, { ports: [0, 65_535] }), ['range', '0-65535']);
  });

  it('fit where the set can hold what it has to, for as long as it has to', () => {
    const shape = (type: string, header: string) => ({ type, family: 'ipv4', header: words(header) }) as const;
    const wanted = shape('hash:ip', 'family inet hashsize 1024 maxelem 65536 bucketsize 12');
    assert.ok(fits(shape('hash:ip', 'family inet hashsize 4096 maxelem 131072 counters'), wanted));
    assert.ok(!fits(shape('hash:ip', 'family inet hashsize 1024 maxelem 1024'), wanted));
    assert.ok(!fits(shape('hash:ip', 'family inet hashsize 1024 maxelem 65536 timeout 0'), wanted));
    assert.ok(!fits(shape('hash:ip,port', 'family inet hashsize 1024 maxelem 65536'), wanted));
    assert.ok(fits(shape('bitmap:port', 'range 0-65535'), shape('bitmap:port', 'range 0-65535')));
    assert.ok(!fits(shape('bitmap:port', 'range 0-1023'), shape('bitmap:port', 'range 0-65535')));
    assert.equal(
      comparableShape(shape('hash:ip', 'maxelem 65536 family inet')),
      comparableShape(shape('hash:ip', 'family inet hashsize 64 maxelem 65536 initval 0x00000001')),
    );
  });
});

describe('members of sets', () => {
  it('are the same behind netlink, of every recorded set', () => {
    let members = 0;
    for (const name of ipvsCases) {
      for (const set of parseIpsetSave(recordedIpvs(name, 'ipset.save')).sets.values()) {
        for (const entry of set.entries) {
          const there = entryOfNetlink(netlinkEntry(entry, set.type));
          assert.deepEqual(memberItem(set, there).name, memberItem(set, entry).name);
          members += 1;
        }
      }
    }
    assert.ok(members > 200, `${members}`);
  });
});
