import assert from 'node:assert/strict';
import { PieceBatch } from '../../src/host/piece-batch.ts';

function batched(pieces: readonly string[]): readonly string[] {
  const written: string[] = [];
  const batch = new PieceBatch((text) => written.push(text));
  for (const piece of pieces) batch.add(piece);
  batch.end();
  return written;
}

const LINE = `${'x'.repeat(99)}\n`;

describe('PieceBatch', () => {
  it('hands on small pieces as one', () => {
    assert.deepEqual(batched(['a', 'b\nc', '', 'd\n']), ['ab\ncd\n']);
    assert.deepEqual(batched(['']), []);
  });

  it('hands on many pieces in whole lines, each character once and in order', () => {
    const text = LINE.repeat(10_000);
    const pieces = Array.from({ length: Math.ceil(text.length / 4096) }, (_, i) =>
      text.slice(i * 4096, (i + 1) * 4096),
    );
    const written = batched(pieces);
    assert.equal(written.join(''), text);
    assert.ok(written.length > 2 && written.length < 6, `${written.length} pieces`);
    for (const piece of written) assert.ok(piece.endsWith('\n'));
  });

  it('waits for the end of a line that is longer than a batch', () => {
    const long = 'y'.repeat(300_000);
    assert.deepEqual(batched([long, 'z\n', LINE]), [`${long}z\n`, LINE]);
  });
});
