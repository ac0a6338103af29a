import { strict as assert } from 'node:assert';
import { didYouMean } from '../../../src/core/util/suggestion.ts';

describe('didYouMean', () => {
  const known = ['clusterCIDR', 'mode', 'nodePortAddresses', 'conntrack'];
  const cases: readonly (readonly [word: string, meant: string | undefined])[] = [
    ['clusterCidr', 'clusterCIDR'],
    ['clusterCIDRs', 'clusterCIDR'],
    ['cluserCIDR', 'clusterCIDR'],
    ['clutserCIDR', 'clusterCIDR'],
    ['moed', 'mode'],
    ['contrack', 'conntrack'],
    ['nodeportaddreses', 'nodePortAddresses'],
    ['metrics', undefined],
    ['', undefined],
    ['x', undefined],
  ];
  for (const [word, meant] of cases)
    it(`${word}: ${meant ?? 'nothing'}`, () => assert.equal(didYouMean(word, known), meant));

  it('takes the nearest of several, the first of equals', () => {
    assert.equal(didYouMean('targetport', ['targetPorts', 'targetPort']), 'targetPort');
    assert.equal(didYouMean('abcx', ['abcy', 'abcz']), 'abcy');
  });
});
