import assert from 'node:assert/strict';
import { sameRules, without } from '../../../src/core/plan/same-rules.ts';
import { planOptions } from '../../support/plan-options.ts';

let read = 0;
const canonical = (line: string): string => {
  read += 1;
  return planOptions.canonical(line, 'ipv4');
};
const a =
  '-A KUBE-SERVICES -d 10.96.0.10/32 -p tcp -m comment --comment "a/web:http cluster IP" -m tcp --dport 80 -j KUBE-SVC-A\n';
const b = a.replace('10.96.0.10', '10.96.0.11').replace('a/web', 'a/api');

describe('sameRules', () => {
  beforeEach(() => (read = 0));

  it('reads no rule where texts are equal, or the same lines in an order that means the same', () => {
    assert.ok(sameRules('KUBE-SERVICES', a + b, a + b, canonical));
    assert.ok(sameRules('KUBE-SERVICES', a + b, b + a, canonical));
    assert.equal(read, 0);
  });

  it('reads only the rules that one side has', () => {
    const many = Array.from({ length: 200 }, (_, i) => a.replace('10.96.0.10', `10.97.0.${i}`)).join('');
    assert.ok(!sameRules('KUBE-SERVICES', many + a, many + b, canonical));
    assert.equal(read, 2);
  });

  it('sees through spelling and order at once', () => {
    assert.ok(sameRules('KUBE-SERVICES', a.replace('/32', '') + b, b + a, canonical));
    assert.ok(!sameRules('KUBE-SVC-A', a.replace('/32', '') + b, b + a, canonical));
    assert.ok(sameRules('KUBE-SVC-A', a.replace('/32', '') + b, a + b, canonical));
  });

  it('counts rules that are there twice', () => {
    assert.ok(!sameRules('KUBE-SERVICES', a + a + b, a + b + b, canonical));
    assert.ok(!sameRules('KUBE-SERVICES', a + a, a, canonical));
  });
});

describe('without', () => {
  it('takes each line away as often as the other side has it', () => {
    assert.deepEqual(without(['x', 'y', 'x', 'x'], ['x', 'z']), ['y', 'x', 'x']);
  });
});
