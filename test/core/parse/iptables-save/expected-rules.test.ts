import assert from 'node:assert/strict';
import { expectRules, type LikelyChain } from '../../../../src/core/parse/iptables-save/expected-rules.ts';
import { TableBuilder } from '../../../../src/core/parse/iptables-save/table-builder.ts';

const A = '-A A -j X\n-A A -j Y\n';
const B = '-A B -j X\n';
const DECLARED = ':A - [0:0]\n:B - [0:0]\n';

function likely(chain: string, rules: string): LikelyChain {
  return { table: 'nat', chain, next: { rules } };
}

/** A table in which the chains A and B are expected. */
function tableWith(...chains: readonly LikelyChain[]): TableBuilder {
  return new TableBuilder('nat', 1, expectRules(chains).get('nat'));
}

function linesExpected(chain: string, rules: string): readonly number[] {
  return [...(expectRules([likely(chain, rules)]).get('nat')?.lines ?? [])];
}

describe('expectRules', () => {
  it('sorts chains, and has each once', () => {
    const expected = expectRules([likely('B', B), likely('A', A), likely('B', B)]).get('nat');
    assert.deepEqual(expected, { names: ['A', 'B'], rules: [A, B], lines: Int32Array.of(2, 1) });
  });

  it('expects no rules that a reader would not read as plain rules of the chain', () => {
    assert.deepEqual(linesExpected('A', A), [2]);
    for (const rules of [
      '',
      A.slice(0, -1),
      A + B,
      '-A A\n',
      '-A AB -j X\n',
      '-A A -j X\r\n',
      `\n${A}`,
      '-I A -j X\n',
    ]) {
      assert.deepEqual(linesExpected('A', rules), [0], JSON.stringify(rules));
    }
  });

  it('expects no chain whose name a reader would not take', () => {
    for (const chain of ['', '-A', 'A B', 'A\t']) assert.deepEqual(linesExpected(chain, `-A ${chain} -j X\n`), []);
  });
});

describe('a table of which rules are expected', () => {
  const both = [likely('A', A), likely('B', B)] as const;

  it('takes all that is as expected at once', () => {
    const table = tableWith(...both);
    const text = `${DECLARED}${A}${B}COMMIT\n`;
    assert.deepEqual(table.takeDeclarations(text, 0, 5), { length: DECLARED.length, lines: 2 });
    assert.deepEqual(table.takeRules(text, DECLARED.length, 7), { length: (A + B).length, lines: 3 });
    const chains = [...table.build().chains.values()];
    assert.deepEqual(
      chains.map(({ name, line, rules, ruleLines }) => ({ name, line, rules, ruleLines })),
      [
        { name: 'A', line: 5, rules: A, ruleLines: 7 },
        { name: 'B', line: 6, rules: B, ruleLines: 9 },
      ],
    );
  });

  it('takes the chains before one that is not as expected, and those behind it', () => {
    const table = tableWith(...both, likely('C', '-A C -j X\n'));
    const text = `:A - [0:0]\n:B - [1:2]\n:C - [0:0]\n${A}-A B -j Y\n-A C -j X\n`;
    assert.deepEqual(table.takeDeclarations(text, 0, 1), { length: 11, lines: 1 });
    table.chain('B', 2).declare('-', '[1:2]', 2);
    table.passDeclaration('B');
    assert.deepEqual(table.takeDeclarations(text, 22, 3), { length: 11, lines: 1 });
    assert.deepEqual(table.takeRules(text, 33, 4), { length: A.length, lines: 2 });
    assert.equal(table.takeRules(text, 33 + A.length, 6), undefined);
    table.chain('B', 6).addRule('-A B -j Y', '', 6);
    table.passRules('B');
    assert.deepEqual(table.takeRules(text, 33 + A.length + 10, 7), { length: 10, lines: 1 });
    const { chains } = table.build();
    assert.deepEqual([...chains.keys()], ['A', 'B', 'C']);
    assert.equal(chains.get('B')?.rules, '-A B -j Y\n');
  });

  it('takes no half of a chain', () => {
    const table = tableWith(...both);
    assert.equal(table.takeDeclarations(':A - [0:0]', 0, 1), undefined);
    assert.notEqual(table.takeDeclarations(DECLARED, 0, 1), undefined);
    assert.equal(table.takeRules(A.slice(0, 15), 0, 3), undefined);
  });

  it('takes nothing of a chain that is declared already, or has rules already', () => {
    const table = tableWith(...both);
    table.chain('A', 1).declare('-', '[0:0]', 1);
    assert.equal(table.takeDeclarations(DECLARED, 0, 2), undefined);
    const other = tableWith(...both);
    other.takeDeclarations(DECLARED, 0, 1);
    other.chain('A', 3).addRule('-A A -j Z', '', 3);
    assert.equal(other.takeRules(A, 0, 4), undefined);
  });

  it('adds further rules to those that it has taken', () => {
    const table = tableWith(...both);
    table.takeDeclarations(DECLARED, 0, 1);
    table.takeRules(A, 0, 3);
    table.chain('A', 9).addRule('-A A -j Z', '', 9);
    const chain = table.build().chains.get('A');
    assert.equal(chain?.rules, `${A}-A A -j Z\n`);
    assert.deepEqual(chain.ruleLines, [3, 4, 9]);
  });
});
