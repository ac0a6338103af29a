import { strict as assert } from 'node:assert';
import { excerptOf, positionAt, printLocation } from '../../../src/core/diag/source-location.ts';

describe('source locations', () => {
  it('are printed as far as they are known', () => {
    assert.equal(printLocation({ file: 'a.yaml' }), 'a.yaml');
    assert.equal(printLocation({ file: 'a.yaml', line: 3 }), 'a.yaml:3');
    assert.equal(printLocation({ file: 'a.yaml', line: 3, column: 7 }), 'a.yaml:3:7');
  });

  it('show the line with a caret under the column', () => {
    assert.equal(excerptOf('one\ntwo three\r\nfour', 2, 5), '2 | two three\n        ^');
    assert.equal(excerptOf('\ta', 1, 2), '1 |  a\n     ^');
    assert.equal(excerptOf('one', 9, 1), '9 | \n    ^');
  });

  it('cut long lines around the column', () => {
    const line = `${'a'.repeat(200)}X${'b'.repeat(200)}`;
    const [shown = '', caret = ''] = excerptOf(line, 1, 201).split('\n');
    assert.equal(shown.length, '1 | '.length + 100);
    assert.equal(shown[caret.indexOf('^')], 'X');
    const [end = '', endCaret = ''] = excerptOf(line, 1, 401).split('\n');
    assert.equal(end[endCaret.indexOf('^')], 'b');
  });

  it('find line and column of an offset', () => {
    const text = 'ab\n\ncd';
    const found = [0, 2, 3, 4, 5].map((offset) => positionAt(text, offset));
    assert.deepEqual(
      found.map(({ line, column }) => `${line}:${column}`),
      ['1:1', '1:3', '2:1', '3:1', '3:2'],
    );
  });
});
