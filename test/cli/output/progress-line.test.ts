import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { progressLine, type ProgressStream } from '../../../src/cli/output/progress-line.ts';

function terminal(columns: number, isTTY: boolean = true): ProgressStream & { readonly written: readonly string[] } {
  const written: string[] = [];
  return { isTTY, columns, write: (text) => written.push(text), written };
}

describe('progressLine', function () {
  this.slow(4000);
  const { TERM } = process.env;
  before(() => {
    process.env['TERM'] = 'xterm';
  });
  after(() => {
    if (TERM === undefined) delete process.env['TERM'];
    else process.env['TERM'] = TERM;
  });

  it('is shown after a second, on a terminal, never wider than it, and taken away', async () => {
    const [stream, file, quiet, silent] = [terminal(12), terminal(12, false), terminal(12), terminal(0)];
    const lines = [
      progressLine(stream, 'first', true),
      progressLine(file, 'first', true),
      progressLine(quiet, 'x', false),
      progressLine(silent, 'x', true),
    ];
    await wait(700);
    assert.deepEqual(stream.written, []);
    for (const line of lines) line.say('reading a long list');
    await wait(800);
    assert.deepEqual(stream.written, ['\r\u001b[Kreading a l']);
    assert.deepEqual(silent.written, ['\r\u001b[Kreading a long list']);
    for (const line of lines) line.end();
    assert.equal(stream.written.at(-1), '\r\u001b[K');
    assert.deepEqual([file.written, quiet.written], [[], []]);
  });

  it('leaves nothing behind of what was quick', () => {
    const stream = terminal(80);
    progressLine(stream, 'first', true).end();
    assert.deepEqual(stream.written, []);
  });
});
