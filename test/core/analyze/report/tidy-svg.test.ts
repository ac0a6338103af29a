import assert from 'node:assert/strict';
import { printDot } from '../../../../src/core/analyze/report/dot.ts';
import type { ServiceGraph } from '../../../../src/core/analyze/report/graph.ts';
import { tidySvg } from '../../../../src/core/analyze/report/tidy-svg.ts';
import { loadDrawing } from '../../../../src/cli/output/draw-graph.ts';
import { elementsIn, findAll, readHtml, textIn } from '../../../support/html.ts';

function graphOf(...labels: readonly string[]): ServiceGraph {
  const nodes = labels.map((label, i) => ({ id: `n${i}`, kind: 'chain' as const, label: [label] }));
  const edges = labels.slice(1).map((label, i) => ({ from: `n${i}`, to: `n${i + 1}`, label: [label] }));
  return { nodes, edges };
}

describe('drawings', () => {
  it('have the words that they are given, whatever they are', async () => {
    const draw = await loadDrawing();
    const words = [
      '</svg></script><img src=x onerror=alert(1)>',
      '"quoted" \\N \\G \\l back\\',
      '&lt;b&gt; &amp; &#60; &nosuch;',
      '<<b>html label</b>>',
      'é 日本 🙂',
      '{a|b}',
      '-- > // /* */ # ;',
    ];
    const root = readHtml(draw(graphOf(...words), 'a "label" <b> & more'));
    const texts = findAll(root, 'text').map(textIn);
    for (const word of words) assert.ok(texts.includes(word), `${word} in ${texts.join('\n')}`);
    const names = new Set([...elementsIn(root)].map(({ name }) => name));
    assert.deepEqual(names, new Set(['', 'svg', 'g', 'polygon', 'path', 'text']));
    assert.equal(findAll(root, 'svg')[0]?.attributes.get('aria-label'), 'a "label" <b> & more');
  });

  it('have nothing that points elsewhere or that the page cannot style', async () => {
    const draw = await loadDrawing();
    const root = readHtml(draw(graphOf('a', 'b'), 'x'));
    const attributes = new Set([...elementsIn(root)].flatMap(({ attributes: own }) => [...own.keys()]));
    const known = new Set([
      'role',
      'aria-label',
      'width',
      'height',
      'viewBox',
      'class',
      'transform',
      'points',
      'd',
      'x',
      'y',
    ]);
    assert.deepEqual(
      [...attributes].filter((name) => !known.has(name)),
      [],
    );
  });

  it('show control codes and halves of characters as signs of their own, and cut long names', async () => {
    const draw = await loadDrawing();
    const texts = findAll(readHtml(draw(graphOf('a\u0000b\u0007\u0085\ud800', 'x'.repeat(500)), '')), 'text').map(
      textIn,
    );
    assert.ok(texts.includes('a\ufffdb\ufffd\ufffd\ufffd'), texts.join());
    assert.ok(texts.includes(`${'x'.repeat(59)}…`), texts.join());
  });

  it('are the same each time', async () => {
    const [one, two] = [await loadDrawing(), await loadDrawing()];
    one(graphOf('other'), '');
    assert.equal(one(graphOf('a', 'b', 'c'), 'x'), two(graphOf('a', 'b', 'c'), 'x'));
  });

  it('of an element that is not known are a bug', () => {
    assert.throws(
      () => tidySvg('<svg width="1pt" height="1pt" viewBox="0 0 1 1"><image href="x"/></svg>', ''),
      /element image/,
    );
  });

  it('are written in the language of Graphviz', () => {
    assert.match(
      printDot(graphOf('a "b"', 'c')),
      /^n0 \[class=chain, label="a \\"b\\""\];\nn1 .*\nn0 -> n1 \[label="c"\];$/m,
    );
  });
});
