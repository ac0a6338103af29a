import { strict as assert } from 'node:assert';
import { isDnsLabel, isDnsSubdomain } from '../../../src/core/model/names.ts';

describe('names', () => {
  const labels = ['a', '0', 'web', 'a-b', '4web', 'x'.repeat(63)];
  const subdomains = ['a.b', 'web.shop.svc', 'x'.repeat(253), 'a-.b'];
  const neither = [
    '',
    '-a',
    'a-',
    'A',
    'a_b',
    'a b',
    'a"',
    'a\n',
    '\na',
    'ä',
    'a/b',
    '.',
    'a.',
    '.a',
    'a\u0000',
    'x'.repeat(254),
  ];

  it('of Services and ports are DNS labels', () => {
    assert.deepEqual(
      labels.filter((text) => !isDnsLabel(text)),
      [],
    );
    assert.deepEqual([...subdomains, ...neither].filter(isDnsLabel), []);
    assert.equal(isDnsLabel('x'.repeat(64)), false);
  });

  it('of other objects are DNS subdomains', () => {
    assert.deepEqual(
      [...labels, ...subdomains].filter((text) => !isDnsSubdomain(text)),
      [],
    );
    assert.deepEqual(neither.filter(isDnsSubdomain), []);
  });
});
