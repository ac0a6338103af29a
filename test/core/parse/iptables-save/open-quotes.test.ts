import assert from 'node:assert/strict';
import { openQuotes } from '../../../../src/core/parse/iptables-save/open-quotes.ts';
import { SaveReader } from '../../../../src/core/parse/iptables-save/save-reader.ts';

function openIn(...rules: readonly string[]): readonly string[] {
  const reader = new SaveReader('dump');
  reader.push(`*filter\n:INPUT ACCEPT [0:0]\n:MINE - [0:0]\n${rules.map((rule) => `${rule}\n`).join('')}COMMIT\n`);
  return openQuotes(reader.finish().saved).map(({ table, chain, rule }) => `${table} ${chain} ${rule}`);
}

describe('openQuotes', () => {
  it('finds both ends of a rule with a line break in its comment', () => {
    const [first, middle, last] = ['-A MINE -m comment --comment "x', '-A INPUT -j ACCEPT', '-A INPUT x" -j ACCEPT'];
    assert.deepEqual(openIn(first, middle, last), [`filter INPUT ${last}`, `filter MINE ${first}`]);
  });

  it('knows quotes that are escaped, and those that stand alone', () => {
    const closed = [
      String.raw`-A INPUT -m comment --comment "say \"no\"" -j DROP`,
      String.raw`-A INPUT -m comment --comment "ends with \\" -j DROP`,
      `-A INPUT -m comment --comment it's -j DROP`,
      '-A INPUT -m comment --comment "" -j LOG --log-prefix "a: "',
    ];
    assert.deepEqual(openIn(...closed), []);
    const open = String.raw`-A INPUT -m comment --comment "not \" -j DROP`;
    assert.deepEqual(openIn(...closed, open), [`filter INPUT ${open}`]);
  });
});
