import assert from 'node:assert/strict';
import { readEndpointChoice, sharesText } from '../../../../src/core/plan/summary/endpoint-choice.ts';

const shares = (...probabilities: readonly string[]): string => {
  const rules = probabilities.map((probability, i) => {
    const chance = probability === '' ? '' : ` -m statistic --mode random --probability ${probability}`;
    return `-A KUBE-SVC-X${chance} -j KUBE-SEP-${i}\n`;
  });
  return sharesText(readEndpointChoice(rules.join('')));
};

describe('shares', () => {
  it('are equal parts where the kernel can tell no difference', () => {
    assert.equal(shares(), 'none');
    assert.equal(shares(''), '1/1');
    assert.equal(shares('0.33333333349', '0.50000000000', ''), '1/3');
    assert.equal(shares('0.33332999982', '0.50000000000', ''), '1/3');
  });

  it('are what the probabilities come to elsewhere', () => {
    assert.equal(shares('0.20000000019', '0.50000000000', ''), '20%, 40%, 40%');
    assert.equal(shares('0.50000000000', '0.50000000000', ''), '50%, 25%, 25%');
    assert.equal(shares('0.50000000000', '0.50000000000'), '50%, 25%');
    assert.equal(shares('', ''), '100%, 0%');
    assert.match(shares(...Array.from({ length: 9 }, () => '0.10000000009')), /^uneven \(10%, 9%, .*\.\.\.\)$/);
  });
});

describe('a KUBE-SVC chain', () => {
  it('is read: endpoints, affinity, masquerading, and what is none of these', () => {
    const rules = [
      '-A X ! -s 10.0.0.0/8 -d 10.96.0.10/32 -p tcp -m tcp --dport 80 -j KUBE-MARK-MASQ',
      '-A X -m recent --rcheck --seconds 600 --reap --name KUBE-SEP-A --mask 255.255.255.255 --rsource -j KUBE-SEP-A',
      '-A X -j KUBE-SEP-A',
      '-A X -j ACCEPT',
    ];
    const choice = readEndpointChoice(rules.map((rule) => `${rule}\n`).join(''));
    assert.deepEqual(choice.endpoints, [{ chain: 'KUBE-SEP-A', probability: 1 }]);
    assert.deepEqual(choice.affinity, ['600']);
    assert.deepEqual(choice.masquerade, [rules[0]]);
    assert.deepEqual(choice.others, [rules[3]]);
  });
});
