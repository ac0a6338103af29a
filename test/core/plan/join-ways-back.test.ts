import assert from 'node:assert/strict';
import { joinWaysBack } from '../../../src/core/plan/join-ways-back.ts';
import type { ChainChange, Plan } from '../../../src/core/plan/plan.ts';

const about = { table: 'nat', service: undefined, reason: 'undo' };

function planOf(changes: readonly ChainChange[], sysctls: Plan['sysctls'] = []): Plan {
  return { families: [{ family: 'ipv4', changes, notes: [] }], sysctls, nfacct: [] };
}

function replace(chain: string, rules: string): ChainChange {
  return { ...about, kind: 'replace-chain', chain, previous: { rules: '' }, next: { rules } };
}

function remove(chain: string): ChainChange {
  return { ...about, kind: 'delete-chain', chain, previous: { rules: '' } };
}

describe('joinWaysBack', () => {
  it('ends where the older one ends, and keeps what only one of them has', () => {
    const older = planOf([remove('KUBE-SVC-A'), replace('KUBE-SVC-B', '-A KUBE-SVC-B -j OLD\n')]);
    const newer = planOf([replace('KUBE-SVC-A', '-A KUBE-SVC-A -j MIX\n'), remove('KUBE-SVC-C')]);
    const [family] = joinWaysBack(older, newer).families;
    assert.deepEqual(family?.changes, [
      remove('KUBE-SVC-A'),
      replace('KUBE-SVC-B', '-A KUBE-SVC-B -j OLD\n'),
      remove('KUBE-SVC-C'),
    ]);
  });

  it('moves the rules of both in a chain that others write too', () => {
    const edit = (previous: string, next: string, edits: readonly ['delete' | 'insert', string][]): ChainChange => ({
      ...about,
      kind: 'edit-chain',
      chain: 'OUTPUT',
      previous: { rules: previous },
      next: { rules: next },
      edits: edits.map(([kind, rule]) => (kind === 'insert' ? { kind, rule, position: 1 } : { kind, rule })),
    });
    const [foreign, first, second] = ['-A OUTPUT -j X', '-A OUTPUT -j KUBE-A', '-A OUTPUT -j KUBE-B'];
    const older = planOf([edit(`${first}\n${foreign}\n`, `${foreign}\n`, [['delete', first]])]);
    const newer = planOf([edit(`${second}\n${first}\n${foreign}\n`, `${first}\n${foreign}\n`, [['delete', second]])]);
    const [change] = joinWaysBack(older, newer).families[0]?.changes ?? [];
    assert.ok(change?.kind === 'edit-chain');
    assert.equal(change.previous.rules, `${second}\n${first}\n${foreign}\n`);
    assert.equal(change.next.rules, `${foreign}\n`);
    assert.deepEqual(
      change.edits.map(({ kind, rule }) => `${kind} ${rule}`),
      [`delete ${second}`, `delete ${first}`],
    );
  });

  it('leaves a rule of somebody else alone that came between the two', () => {
    const [ours, late, foreign] = ['-A OUTPUT -j KUBE-A', '-A OUTPUT -j LATE', '-A OUTPUT -j X'];
    const about = { kind: 'edit-chain', table: 'nat', chain: 'OUTPUT', reason: 'undo' } as const;
    const gone: ChainChange = {
      ...about,
      previous: { rules: `${ours}\n${foreign}\n` },
      next: { rules: `${foreign}\n` },
      edits: [{ kind: 'delete', rule: ours }],
    };
    const mix: ChainChange = {
      ...about,
      previous: { rules: `${ours}\n${late}\n${foreign}\n` },
      next: { rules: `${late}\n${foreign}\n` },
      edits: [{ kind: 'delete', rule: ours }],
    };
    const [change] = joinWaysBack(planOf([gone]), planOf([mix])).families[0]?.changes ?? [];
    assert.ok(change?.kind === 'edit-chain');
    assert.equal(change.next.rules, `${late}\n${foreign}\n`);
    assert.deepEqual(change.edits, [{ kind: 'delete', rule: ours }]);
  });

  it('puts built-in chains behind ours, tables in the order of loading, families by name', () => {
    const filter: ChainChange = { ...remove('KUBE-FORWARD'), table: 'filter' };
    const older: Plan = { families: [{ family: 'ipv6', changes: [filter], notes: [] }], sysctls: [], nfacct: ['n'] };
    const newer = planOf([filter, remove('KUBE-SVC-A')]);
    const joined = joinWaysBack(older, newer);
    assert.deepEqual(
      joined.families.map(({ family, changes }) => [family, changes.map(({ table }) => table)]),
      [
        ['ipv4', ['nat', 'filter']],
        ['ipv6', ['filter']],
      ],
    );
    assert.deepEqual(joined.nfacct, []);
  });

  it('gives a kernel setting the older value', () => {
    const setting = (next: string): Plan['sysctls'] => [{ key: 'net.x', previous: '9', next, reason: 'undo' }];
    assert.deepEqual(joinWaysBack(planOf([], setting('0')), planOf([], setting('1'))).sysctls, setting('0'));
    assert.deepEqual(joinWaysBack(planOf([]), planOf([], setting('1'))).sysctls, setting('1'));
  });
});
