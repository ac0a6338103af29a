import assert from 'node:assert/strict';
import { splitSave } from '../../../src/core/parse/iptables-save/split-save.ts';
import type { FamilyPlan } from '../../../src/core/plan/plan.ts';
import { withDependents } from '../../../src/core/plan/with-dependents.ts';

const MASQ = 'KUBE-MARK-MASQ';
const plan: FamilyPlan = {
  family: 'ipv4',
  notes: [],
  changes: [
    { kind: 'delete-chain', table: 'nat', chain: MASQ, reason: 'undo', previous: { rules: '' } },
    { kind: 'delete-chain', table: 'nat', chain: 'KUBE-SERVICES', reason: 'undo', previous: { rules: '' } },
  ],
};

function saved(...lines: readonly string[]): ReturnType<typeof splitSave>['saved'] {
  const chains = [MASQ, 'KUBE-SERVICES', 'KUBE-SEP-A', 'KUBE-SVC-A', 'MINE'].map((name) => `:${name} - [0:0]`);
  return splitSave(['*nat', ':OUTPUT ACCEPT [0:0]', ...chains, ...lines, 'COMMIT', ''].join('\n')).saved;
}

describe('withDependents', () => {
  it('adds chains of service ports that jump to what goes, and those that jump to them', () => {
    const current = saved(
      '-A OUTPUT -j KUBE-SERVICES',
      '-A KUBE-SERVICES -d 10.0.0.1/32 -j KUBE-SVC-A',
      '-A KUBE-SEP-A -s 10.1.0.1/32 -j KUBE-MARK-MASQ',
      '-A KUBE-SVC-A -j KUBE-SEP-A',
    );
    const { plan: whole, blocked } = withDependents(plan, current);
    assert.deepEqual(blocked, []);
    assert.deepEqual(
      whole.changes.map(({ kind, chain }) => `${kind} ${chain}`),
      [
        'delete-chain KUBE-MARK-MASQ',
        'delete-chain KUBE-SERVICES',
        'delete-chain KUBE-SEP-A',
        'delete-chain KUBE-SVC-A',
      ],
    );
  });

  it('names the chain of somebody else that stands in the way', () => {
    const { plan: whole, blocked } = withDependents(plan, saved('-A MINE -j KUBE-MARK-MASQ'));
    assert.deepEqual(whole.changes, plan.changes);
    assert.deepEqual(blocked, ['ipv4 nat MINE jumps to KUBE-MARK-MASQ, which would have to go']);
  });

  it('leaves a plan alone that deletes nothing', () => {
    const edits: FamilyPlan = { ...plan, changes: [] };
    assert.deepEqual(withDependents(edits, saved('-A MINE -j KUBE-MARK-MASQ')), { plan: edits, blocked: [] });
  });
});
