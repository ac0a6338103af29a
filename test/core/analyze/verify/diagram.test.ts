import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { ALWAYS, Diagrams, NEVER, TooHard, type Diagram } from '../../../../src/core/analyze/verify/diagram.ts';
import { holds } from '../../../support/law.ts';

/** Three variables with values 0 to 4: all packets are 125 points. */
const SIZE = 5;
const LEVELS = [3, 7, 9];
const points = Array.from({ length: SIZE ** 3 }, (_, i) => [
  i % SIZE,
  Math.floor(i / SIZE) % SIZE,
  Math.floor(i / SIZE ** 2),
]);

type Formula =
  | { readonly kind: 'range'; readonly variable: number; readonly first: number; readonly last: number }
  | { readonly kind: 'and' | 'or' | 'minus'; readonly a: Formula; readonly b: Formula };

const formulas = fc.letrec<{ formula: Formula }>((tie) => ({
  formula: fc.oneof(
    { depthSize: 'small' },
    fc.record({ kind: fc.constant('range' as const), variable: fc.nat(2), first: fc.nat(4), last: fc.nat(4) }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const, 'minus' as const),
      a: tie('formula'),
      b: tie('formula'),
    }),
  ),
})).formula;

function build(d: Diagrams, f: Formula): Diagram {
  if (f.kind === 'range') {
    const [first, last] = f.first <= f.last ? [f.first, f.last] : [f.last, f.first];
    return d.range(LEVELS[f.variable] ?? 0, first, last);
  }
  return d[f.kind](build(d, f.a), build(d, f.b));
}

function inside(f: Formula, point: readonly number[]): boolean {
  if (f.kind === 'range') {
    const value = point[f.variable] ?? 0;
    return Math.min(f.first, f.last) <= value && value <= Math.max(f.first, f.last);
  }
  const [a, b] = [inside(f.a, point), inside(f.b, point)];
  return f.kind === 'and' ? a && b : f.kind === 'or' ? a || b : a && !b;
}

function members(d: Diagrams, a: Diagram): string {
  return points.map((point) => (d.has(a, (level) => point[LEVELS.indexOf(level)] ?? 0) ? '1' : '0')).join('');
}

function expected(f: Formula): string {
  return points.map((point) => (inside(f, point) ? '1' : '0')).join('');
}

describe('decision diagrams', () => {
  it('hold what their formula says, and equal sets are one diagram', () => {
    const property = fc.property(formulas, formulas, (f, g) => {
      const d = new Diagrams();
      const [a, b] = [build(d, f), build(d, g)];
      assert.equal(members(d, a), expected(f));
      // Beyond 4 no range reaches, so that values there are all alike.
      const beyond = d.any(LEVELS.map((level) => d.range(level, SIZE, 0x7fffffff)));
      const [left, right] = [d.minus(a, beyond), d.minus(b, beyond)];
      assert.equal(left === right, expected(f) === expected(g));
      assert.equal(
        d.meets(left, right),
        expected(f)
          .split('')
          .some((bit, i) => bit === '1' && expected(g)[i] === '1'),
      );
      assert.equal(d.not(d.not(a)), a);
    });
    holds(property, { runs: 500 });
  });

  it('list the ways to be in a set, without overlap', () => {
    const property = fc.property(formulas, (f) => {
      const d = new Diagrams();
      const a = build(d, f);
      let all = NEVER;
      for (const path of d.paths(a)) {
        let way = ALWAYS;
        for (const { level, first, last } of path) way = d.and(way, d.range(level, first, last));
        assert.equal(d.meets(all, way), false);
        all = d.or(all, way);
      }
      assert.equal(all, a);
    });
    holds(property, { runs: 200 });
  });

  it('tell what holds whatever the last variables are', () => {
    const d = new Diagrams();
    const known = d.range(3, 1, 2);
    const doubtful = d.range(9, 1, 1);
    assert.equal(d.whatever(d.or(known, doubtful), 9), known);
    assert.equal(d.whatever(d.and(known, doubtful), 9), NEVER);
    assert.equal(d.whatever(d.or(d.and(known, doubtful), d.minus(known, doubtful)), 9), known);
    assert.deepEqual([...d.levelsOf(d.or(known, doubtful))], [3, 9]);
  });

  it('grow beyond their first arrays, and give up at their limit', () => {
    const d = new Diagrams();
    const points = Array.from({ length: 20_000 }, (_, i) => d.and(d.range(1, i * 2, i * 2), d.range(2, i, i)));
    assert.ok(d.size > 40_000);
    assert.equal(new Set(points).size, points.length);
    assert.equal(d.and(d.range(1, 200, 200), d.range(2, 100, 100)), points[100]);
    const all = d.any(points.slice(19_900));
    assert.ok(d.has(all, (level) => (level === 1 ? 39_998 : 19_999)));
    assert.ok(!d.has(all, (level) => (level === 1 ? 39_999 : 19_999)));
    const small = new Diagrams(50);
    assert.throws(() => {
      for (let i = 0; i < 100; i++) small.range(1, i, i);
    }, TooHard);
  });
});
