import assert from 'node:assert/strict';
import { splitSave } from '../../../src/core/parse/iptables-save/split-save.ts';
import type { ChainChange } from '../../../src/core/plan/plan.ts';
import { payloadText } from '../../../src/core/plan/restore-payload.ts';
import { standalonePayload } from '../../../src/core/plan/standalone-payload.ts';

const NODE = splitSave(
  '*nat\n:OUTPUT ACCEPT [0:0]\n:KUBE-MARK-MASQ - [0:0]\n:KUBE-SEP-A - [0:0]\n:KUBE-SEP-B - [0:0]\n:KUBE-SVC-A - [0:0]\nCOMMIT\n',
).saved;

const REPLACE: ChainChange = {
  kind: 'replace-chain',
  table: 'nat',
  chain: 'KUBE-SVC-A',
  reason: 'test',
  previous: { rules: '' },
  next: {
    rules:
      '-A KUBE-SVC-A -j KUBE-MARK-MASQ\n-A KUBE-SVC-A -j KUBE-SEP-A\n-A KUBE-SVC-A -j KUBE-SEP-C\n-A KUBE-SVC-A -j ACCEPT\n',
  },
};
const CREATE: ChainChange = {
  kind: 'create-chain',
  table: 'nat',
  chain: 'KUBE-SEP-C',
  reason: 'test',
  next: { rules: '-A KUBE-SEP-C -p tcp -m tcp -j DNAT --to-destination 10.0.0.1:80\n' },
};

describe('standalonePayload', () => {
  it('declares the chains of the node that rules jump to, once and without their rules', () => {
    const text = payloadText(standalonePayload([REPLACE, CREATE], NODE) ?? []);
    const declared = text.split('\n').filter((line) => line.startsWith(':'));
    assert.deepEqual(declared.sort(), [
      ':KUBE-MARK-MASQ - [0:0]',
      ':KUBE-SEP-A - [0:0]',
      ':KUBE-SEP-C - [0:0]',
      ':KUBE-SVC-A - [0:0]',
    ]);
    const rules = text.split('\n').filter((line) => line.startsWith('-A'));
    assert.deepEqual(
      rules,
      `${REPLACE.kind === 'replace-chain' ? REPLACE.next.rules : ''}${CREATE.next.rules}`.trimEnd().split('\n'),
    );
  });

  it('leaves a jump to what is on no node as the fault that it is', () => {
    const lost: ChainChange = { ...CREATE, next: { rules: '-A KUBE-SEP-C -j KUBE-LOST\n' } };
    assert.doesNotMatch(payloadText(standalonePayload([lost], NODE) ?? []), /:KUBE-LOST/);
  });

  it('is none for edits, which name rules of the node', () => {
    const edit: ChainChange = {
      kind: 'edit-chain',
      table: 'nat',
      chain: 'OUTPUT',
      reason: 'test',
      previous: { rules: '-A OUTPUT -j OLD\n' },
      next: { rules: '' },
      edits: [{ kind: 'delete', rule: '-A OUTPUT -j OLD' }],
    };
    assert.equal(standalonePayload([CREATE, edit], NODE), undefined);
  });
});
