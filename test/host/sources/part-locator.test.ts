import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { locatePart, type FieldPath } from '../../../src/core/diag/source-location.ts';
import { isMapping } from '../../../src/core/util/mapping.ts';
import { parseText } from '../../../src/host/sources/parse-text.ts';
import { printYaml } from '../../../src/host/sources/print-yaml.ts';

function lineOf(text: string, path: FieldPath, document = 0): number | undefined {
  return locatePart(parseText(text, 'f').locations[document], path)?.line;
}

describe('places of parts', () => {
  const json = `
{"a": 1,
 "b \\" ] }": [
   -1.5, true, "x]",
   {"c": null,
    "d":
      {"e": []}}
 ]}
{"a":
 2}`;
  const yaml = `# c
a: &x 1
"b c":
  - k: v
    l: [1, {z: 2}]

  -
    m: |
      text
    n:
  - *x
---
{a: 1,
 b: 2}
`;

  it('are found in JSON', () => {
    assert.equal(lineOf(json, []), 2);
    assert.equal(lineOf(json, ['a']), 2);
    assert.equal(lineOf(json, ['b " ] }']), 3);
    assert.deepEqual(
      [0, 1, 2, 3].map((i) => lineOf(json, ['b " ] }', i])),
      [4, 4, 4, 5],
    );
    assert.equal(lineOf(json, ['b " ] }', 3, 'd', 'e']), 7);
    assert.equal(lineOf(json, ['b " ] }', 3, 'd']), 6);
    assert.equal(lineOf(json, ['a'], 1), 9);
  });

  it('are found in YAML', () => {
    assert.equal(lineOf(yaml, ['a']), 2);
    assert.equal(lineOf(yaml, ['b c']), 3);
    assert.deepEqual(
      [0, 1, 2].map((i) => lineOf(yaml, ['b c', i])),
      [4, 8, 11],
    );
    assert.equal(lineOf(yaml, ['b c', 0, 'l', 1, 'z']), 5);
    assert.equal(lineOf(yaml, ['b c', 1, 'n']), 10);
    assert.equal(lineOf(yaml, ['b'], 1), 14);
  });

  it('are those of what is around a part that is not there', () => {
    assert.equal(lineOf(json, ['b " ] }', 3, 'x', 'y']), 5);
    assert.equal(lineOf(json, ['b " ] }', 9]), 3);
    assert.equal(lineOf(yaml, ['b c', 2, 0]), 11);
    assert.equal(lineOf(yaml, ['x']), 2);
  });

  it('are found for every part of generated documents, in the order of the text', () => {
    const paths = (value: unknown, path: FieldPath): FieldPath[] => {
      const entries: [string | number, unknown][] = Array.isArray(value)
        ? value.map((item: unknown, i) => [i, item])
        : isMapping(value)
          ? Object.entries(value)
          : [];
      return [path, ...entries.flatMap(([step, inner]) => paths(inner, [...path, step]))];
    };
    // JSON.stringify writes each part on a line of its own, in this order, and closing brackets between.
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));
        const text = JSON.stringify(plain, null, 2);
        const lines = paths(plain, []).map((path) => lineOf(text, path) ?? 0);
        for (const [i, line] of lines.entries()) assert.ok(i === 0 || line > (lines[i - 1] ?? 0));
        const yamlText = printYaml(plain);
        if (!isMapping(parseText(yamlText, 'f').documents[0])) return;
        const yamlLines = paths(plain, []).map((path) => lineOf(yamlText, path) ?? 0);
        for (const [i, line] of yamlLines.entries()) assert.ok(i === 0 || line >= (yamlLines[i - 1] ?? 0));
      }),
      { numRuns: 60 },
    );
  });

  it('of a long list cost one walk', () => {
    const items = Array.from({ length: 20_000 }, (_, i) => ({ i }));
    const [location] = parseText(JSON.stringify({ items }, null, 1), 'f').locations;
    const started = performance.now();
    for (const { i } of items) assert.equal(locatePart(location, ['items', i])?.line, 3 + 3 * i);
    assert.ok(performance.now() - started < 2000);
  });
});
