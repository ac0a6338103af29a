import assert from 'node:assert/strict';
import { splitSave } from '../../../../src/core/parse/iptables-save/split-save.ts';

const FILTER = ['*filter', ':INPUT ACCEPT [0:0]', ':KUBE-FIREWALL - [0:0]', '-A INPUT -j KUBE-FIREWALL', 'COMMIT'];
const NAT = ['*nat', ':PREROUTING ACCEPT [0:0]', ':KUBE-SERVICES - [0:0]', '-A PREROUTING -j KUBE-SERVICES', 'COMMIT'];

function excerpts(...lines: readonly string[]): readonly string[] {
  const { tables } = splitSave(`${lines.join('\n')}\n`).saved;
  return tables.flatMap(({ name, excerpt }) => (excerpt === true ? [name] : []));
}

describe('tables from which something may be missing', () => {
  const inFilter = (line: string): readonly string[] => [...FILTER.slice(0, 3), line, ...FILTER.slice(3)];

  it('are none of a whole dump, whatever stands before, between and behind them', () => {
    assert.deepEqual(excerpts(...FILTER, ...NAT), []);
    assert.deepEqual(excerpts('root@node:~# iptables-save', ...FILTER, 'some words', ...NAT, '-X'), []);
  });

  for (const [what, line] of [
    ['a rule of a chain without a declaration', '-A FOO -j RETURN'],
    ['a line that is none of a dump', '-X FOO'],
    ['a line that was cut short', ':KUBE'],
    ['"..."', '...'],
    ['other text', 'and so on, and so forth'],
    ['a command', '$ iptables-save'],
    ['a chain declared again', ':INPUT DROP [0:0]'],
    ['a rule of another table', '-t nat -A INPUT -j RETURN'],
    ['a quoted line', '> -A INPUT -j KUBE-FIREWALL'],
  ] as const) {
    it(`are those with ${what}`, () => {
      assert.deepEqual(excerpts(...inFilter(line), ...NAT), ['filter']);
      assert.deepEqual(excerpts(...NAT, ...inFilter(line)), ['filter']);
    });
  }

  it('are those without a COMMIT, and those that occur twice', () => {
    assert.deepEqual(excerpts(...NAT, ...FILTER.slice(0, 4)), ['filter']);
    assert.deepEqual(excerpts(...FILTER.slice(0, 4), ...NAT), ['filter']);
    assert.deepEqual(excerpts(...FILTER, ...NAT, ...FILTER), ['filter']);
  });

  it('are those whose rules stand in no table, among other text', () => {
    assert.deepEqual(excerpts('$ iptables -t nat -S', '-P PREROUTING ACCEPT', '-N KUBE-SERVICES'), ['nat']);
  });
});
