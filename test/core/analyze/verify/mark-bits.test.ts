import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { ALWAYS, Diagrams, NEVER } from '../../../../src/core/analyze/verify/diagram.ts';
import { FIRST_MARK_BIT } from '../../../../src/core/analyze/verify/levels.ts';
import { Marks } from '../../../../src/core/analyze/verify/mark-bits.ts';
import { holds } from '../../../support/law.ts';

const u32 = fc.integer({ min: 0, max: 0xffffffff });

describe('marks', () => {
  it('change as the kernel changes them, whatever they were', () => {
    const property = fc.property(
      u32,
      fc.array(fc.tuple(u32, u32), { maxLength: 5 }),
      u32,
      u32,
      (before, changes, value, mask) => {
        const [marks, diagrams] = [new Marks(), new Diagrams()];
        let symbolic = marks.initial(0);
        let concrete = before;
        for (const [v, m] of changes) {
          symbolic = marks.set(symbolic, v, m);
          concrete = ((concrete & ~m) ^ v) >>> 0;
        }
        const set = marks.matches(diagrams, symbolic, value, mask) ?? assert.fail();
        const isIn = diagrams.has(set, (level) => (before >>> (level - FIRST_MARK_BIT)) & 1);
        assert.equal(isIn, (concrete & mask) >>> 0 === value);
      },
    );
    holds(property, { runs: 300 });
  });

  it('are copied to and from the connection', () => {
    const [marks, diagrams] = [new Marks(), new Diagrams()];
    const mark = marks.set(marks.initial(0xffffffff), 0x4002, 0x4002);
    const saved = marks.copy(mark, 0x00ff, marks.initialConnection(true), 0xffffffff);
    assert.equal(marks.matches(diagrams, saved, 0x2, 0xffffffff), ALWAYS);
    const restored = marks.copy(saved, 0xffffffff, marks.initial(0xffffffff), 0xffffffff);
    assert.equal(restored, saved);
    assert.ok(marks.isSet(mark, 0x4000));
    assert.ok(!marks.isSet(restored, 0x4000));
  });

  it('that are two unknown bits at once say that they are', () => {
    const [marks, diagrams] = [new Marks(), new Diagrams()];
    const mixed = marks.copy(marks.initial(0), 1, marks.initialConnection(false), 0);
    assert.equal(marks.matches(diagrams, mixed, 1, 1), undefined);
    assert.equal(marks.matches(diagrams, mixed, 3, 1), NEVER);
  });
});
