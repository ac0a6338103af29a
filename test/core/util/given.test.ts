import { strict as assert } from 'node:assert';
import { given } from '../../../src/core/util/given.ts';

describe('fields that are given', () => {
  it('are those that are not undefined, in their order', () => {
    const fields = given({ b: 0, a: undefined, c: '', d: false, e: undefined });
    assert.deepEqual(fields, { b: 0, c: '', d: false });
    assert.deepEqual(Object.keys(fields), ['b', 'c', 'd']);
  });
});
