import assert from 'node:assert/strict';
import { openQuotes } from '../../../../src/core/parse/iptables-save/open-quotes.ts';
import { SaveReader } from '../../../../src/core/parse/iptables-save/save-reader.ts';

function openIn(...rules: readonly string[]): readonly string[] {
  const reader = new SaveReader('dump');
  reader.push(`*filter\n:INPUT ACCEPT [0:0]\n:MINE - [0:0]\n${rules.map((rule) => `${rule}\n`).join('')}COMMIT\n`);
  return openQuotes(reader.finish().saved).map(({ table, chain, rule }) => `${table} ${chain} ${rule}`);
}

describe('openQuotes', () => {
  it('finds the first line of a rule with a line break in its comment', () => {
    const [first, middle, last] = ['-A MINE -m comment --comment "x', '-A INPUT -j ACCEPT', '-A INPUT x" -j ACCEPT'];
    assert.deepEqual(openIn(first, middle, last), [`filter MINE ${first}`]);
  });

  it('takes no quote in a name for one: iptables prints names of lists, sets and interfaces as they are', () => {
    const named = [
      '-A INPUT -m recent --set --name r"x --mask 255.255.255.255 --rsource',
      '-A INPUT -i e"0 -j ACCEPT',
      '-A INPUT -m set --match-set s"t src -m comment --comment "a set" -j ACCEPT',
    ];
    assert.deepEqual(openIn(...named), []);
    const open = '-A INPUT -m recent --set --name r"x --rsource -m comment --comment "x';
    assert.deepEqual(openIn(...named, open), [`filter INPUT ${open}`]);
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
