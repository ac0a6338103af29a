import assert from 'node:assert/strict';
import { missingTargets, namesAfter } from '../../../src/core/plan/missing-targets.ts';
import type { ChainChange, FamilyPlan } from '../../../src/core/plan/plan.ts';

const about = { table: 'nat', service: undefined, reason: 'undo' };

function planOf(...changes: readonly ChainChange[]): FamilyPlan {
  return { family: 'ipv4', changes, notes: [] };
}

const create = (chain: string, rules = ''): ChainChange => ({ ...about, kind: 'create-chain', chain, next: { rules } });
const remove = (chain: string): ChainChange => ({ ...about, kind: 'delete-chain', chain, previous: { rules: '' } });

const BEFORE = new Map([['nat', new Set(['KUBE-SERVICES', 'KUBE-MARK-MASQ'])]]);

describe('missingTargets', () => {
  it('names chains that nobody has, and those that the plan itself takes away', () => {
    const rules =
      '-A KUBE-SVC-A -j KUBE-MARK-MASQ\n-A KUBE-SVC-A -g KUBE-SEP-B\n-A KUBE-SVC-A -j DNAT --to-destination :1\n';
    assert.deepEqual(missingTargets(planOf(create('KUBE-SVC-A', rules)), BEFORE), ['nat KUBE-SEP-B']);
    const going = planOf(create('KUBE-SEP-B'), create('KUBE-SVC-A', rules), remove('KUBE-MARK-MASQ'));
    assert.deepEqual(missingTargets(going, BEFORE), ['nat KUBE-MARK-MASQ']);
    assert.deepEqual(missingTargets(planOf(create('KUBE-SEP-B'), create('KUBE-SVC-A', rules)), BEFORE), []);
  });

  it('knows no chains of other tables', () => {
    const filter: ChainChange = { ...create('KUBE-FORWARD', '-A KUBE-FORWARD -j KUBE-SERVICES\n'), table: 'filter' };
    assert.deepEqual(missingTargets(planOf(filter), BEFORE), ['filter KUBE-SERVICES']);
  });

  it('passes over chains that go, whatever they lead to', () => {
    const last: ChainChange = {
      ...remove('KUBE-SERVICES'),
      kind: 'delete-chain',
      previous: { rules: '-A X -j KUBE-NONE\n' },
    };
    assert.deepEqual(missingTargets(planOf(last), BEFORE), []);
    assert.deepEqual(namesAfter(planOf(last), BEFORE), new Map([['nat', new Set(['KUBE-MARK-MASQ'])]]));
  });
});
