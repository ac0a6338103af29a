import assert from 'node:assert/strict';
import { durationSeconds } from '../../../../src/core/model/config/go-duration.ts';

describe('durationSeconds', () => {
  const seconds: Readonly<Record<string, number>> = {
    '0': 0,
    '0s': 0,
    '15m': 900,
    '1h30m': 5400,
    '1.5s': 1.5,
    '.5m': 30,
    '1.h': 3600,
    '+2s': 2,
    '-1m1s': -61,
    '250ms': 0.25,
    '3us': 3e-6,
    '3µs': 3e-6,
    '3μs': 3e-6,
    '7ns': 7e-9,
  };
  for (const [text, expected] of Object.entries(seconds)) {
    it(`reads ${text}`, () => assert.ok(Math.abs((durationSeconds(text) ?? Number.NaN) - expected) < 1e-12));
  }

  for (const text of ['', '1', '1d', 's', '1s1', '1 s', '--1s', '.s', '1e3s', '1S']) {
    it(`refuses ${JSON.stringify(text)}, as Go does`, () => assert.equal(durationSeconds(text), undefined));
  }
});
