import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { parseIpsetSave } from '../../src/core/parse/ipset-save/parse-ipset-save.ts';
import { parseIpvsadm } from '../../src/core/parse/ipvsadm/parse-ipvsadm.ts';
import { ipSetText } from '../../src/core/render/ip-set-text.ts';
import { virtualServerText } from '../../src/core/render/virtual-server-text.ts';
import { foldersIn } from '../support/golden-case.ts';
import { goldenRoot } from '../support/golden-paths.ts';
import { holds } from '../support/law.ts';

const root = join(goldenRoot, 'parse-ipvs');

function corpus(file: string): readonly string[] {
  const paths = foldersIn(root).map((name) => join(root, name, file));
  const texts = paths.filter((path) => existsSync(path)).map((path) => readFileSync(path, 'utf8'));
  assert.ok(texts.length >= 3, `only ${texts.length} cases have ${file}`);
  return texts;
}

const HURTS = '-A -a - -- --= -t= [ ] []: : ::: 4294967296 99999999999999999999 0x 1e9 , - "a "a" " \\ é \u0000 \ud800';

/** Lines out of words that the corpus has, in any order, and what hurts. */
function anyText(texts: readonly string[]): fc.Arbitrary<string> {
  const known = [...new Set(texts.flatMap((text) => text.split(/\s+/)).concat(HURTS.split(' ')))];
  const word = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...known) },
    fc.string({ unit: 'binary', maxLength: 6 }),
  );
  const line = fc.oneof(
    { weight: 4, arbitrary: fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')) },
    { weight: 4, arbitrary: fc.constantFrom(...texts.flatMap((text) => text.split('\n'))) },
    fc.string({ unit: 'binary', maxLength: 40 }),
  );
  return fc.array(line, { maxLength: 12 }).map((lines) => lines.join('\n'));
}

function checkPlaces(text: string, diagnostics: ReturnType<typeof parseIpvsadm>['diagnostics']): void {
  const lines = text.split('\n').length;
  for (const { location } of diagnostics) assert.ok((location?.line ?? 0) >= 1 && (location?.line ?? 0) <= lines);
}

describe('the reader of virtual servers takes every text', () => {
  it('and what it read is read again as it is printed', function () {
    this.timeout(60_000);
    const law = fc.property(anyText(corpus('input.ipvsadm')), (text) => {
      const { table, diagnostics } = parseIpvsadm(text);
      checkPlaces(text, diagnostics);
      const again = parseIpvsadm(table.virtualServers.map(virtualServerText).join(''));
      assert.deepEqual(again.diagnostics, []);
      assert.deepEqual(again.table, table);
    });
    holds(law, { runs: 10_000 });
  });
});

describe('the reader of sets takes every text', () => {
  it('and what it read is read again as it is printed', function () {
    this.timeout(60_000);
    const law = fc.property(anyText(corpus('input.ipset')), (text) => {
      const { sets, diagnostics } = parseIpsetSave(text);
      checkPlaces(text, diagnostics);
      const again = parseIpsetSave([...sets.values()].map(ipSetText).join(''));
      assert.deepEqual(again.diagnostics, []);
      assert.deepEqual(again.sets, sets);
    });
    holds(law, { runs: 10_000 });
  });
});
