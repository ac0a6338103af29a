import assert from 'node:assert/strict';
import { editWords } from '../../../src/core/plan/edit-words.ts';
import type { RuleEdit } from '../../../src/core/plan/plan.ts';

const JUMP = '-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES';
const OTHER = '-A OUTPUT -j KUBE-FIREWALL';
const MINE = '-A OUTPUT -d 192.0.2.1/32 -j DROP';

const gone = (rule: string): RuleEdit => ({ kind: 'delete', rule });
const made = (rule: string): RuleEdit => ({ kind: 'insert', rule, position: 1 });

describe('editWords', () => {
  it('names jumps by the chains that they lead to, and other rules by their text', () => {
    assert.equal(editWords([gone(JUMP)]), 'the jump to KUBE-SERVICES goes');
    assert.equal(editWords([made(JUMP), made(OTHER)]), 'the jumps to KUBE-SERVICES and KUBE-FIREWALL come');
    assert.equal(editWords([gone(MINE)]), `the rule "${MINE}" goes`);
    assert.equal(editWords([gone(OTHER), gone(MINE)]), `the jump to KUBE-FIREWALL and the rule "${MINE}" go`);
  });

  it('says of a rule that is moved that it goes and comes', () => {
    assert.equal(
      editWords([gone(JUMP), made(JUMP)]),
      'the jump to KUBE-SERVICES goes; the jump to KUBE-SERVICES comes',
    );
  });

  it('has nothing to say of nothing', () => {
    assert.equal(editWords([]), '');
  });
});
