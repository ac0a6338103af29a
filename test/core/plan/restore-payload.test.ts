import assert from 'node:assert/strict';
import {
  payloadText,
  restorePayload,
  type DeclarationOrder,
  type PayloadTable,
} from '../../../src/core/plan/restore-payload.ts';
import type { ChainChange } from '../../../src/core/plan/plan.ts';

const about = { service: undefined, reason: 'test' };
const changes: readonly ChainChange[] = [
  {
    ...about,
    kind: 'create-chain',
    table: 'filter',
    chain: 'KUBE-FORWARD',
    next: { rules: '-A KUBE-FORWARD -j DROP\n' },
  },
  {
    ...about,
    kind: 'replace-chain',
    table: 'nat',
    chain: 'KUBE-SVC-A',
    previous: { rules: '' },
    next: { rules: '-A KUBE-SVC-A -j RETURN\n-A KUBE-SVC-A -j ACCEPT\n', counters: ['[1:2]', ''] },
  },
  { ...about, kind: 'delete-chain', table: 'nat', chain: 'KUBE-SVC-B', previous: { rules: '' } },
  {
    ...about,
    kind: 'edit-chain',
    table: 'nat',
    chain: 'OUTPUT',
    previous: { rules: '-A OUTPUT -j OLD\n' },
    next: { rules: '-A OUTPUT -j NEW\n' },
    edits: [
      { kind: 'delete', rule: '-A OUTPUT -j OLD' },
      { kind: 'insert', rule: '-A OUTPUT -j NEW', position: 1 },
    ],
  },
];

const NAT = `:KUBE-SVC-A - [0:0]
:KUBE-SVC-B - [0:0]
[1:2] -A KUBE-SVC-A -j RETURN
-A KUBE-SVC-A -j ACCEPT
-D OUTPUT -j OLD
-I OUTPUT 1 -j NEW
-X KUBE-SVC-B
`;

function textOf(table: PayloadTable | undefined): string {
  return [...(table?.body ?? [])].join('');
}

describe('restorePayload', () => {
  it('is one text per table, nat first: chains, rules with their counters, edits, removals', () => {
    const filter = '*filter\n:KUBE-FORWARD - [0:0]\n-A KUBE-FORWARD -j DROP\n';
    assert.equal(payloadText(restorePayload(changes, { listFirst: false })), `*nat\n${NAT}COMMIT\n${filter}COMMIT\n`);
  });

  it('declares chains by the ends of their names, or last first', () => {
    const names = ['KUBE-SEP-AZ', 'KUBE-SVC-BA', 'KUBE-SEP-CB'];
    const made = names.map((chain): ChainChange => ({
      ...about,
      kind: 'create-chain',
      table: 'nat',
      chain,
      next: { rules: '' },
    }));
    const declared = (order?: DeclarationOrder): readonly string[] => {
      const [nat] = restorePayload(made, { listFirst: false, ...(order === undefined ? {} : { order }) });
      return [...textOf(nat).matchAll(/^:(\S+)/gm)].map(([, name]) => name ?? '');
    };
    const byHash = ['KUBE-SVC-BA', 'KUBE-SEP-CB', 'KUBE-SEP-AZ'];
    assert.deepEqual(declared(), byHash);
    assert.deepEqual(declared('by-hash'), byHash);
    assert.deepEqual(declared('last-first'), ['KUBE-SVC-BA', 'KUBE-SEP-CB', 'KUBE-SEP-AZ'].sort().reverse());
  });

  it('has a listing where that is asked for, behind the rules of built-in chains, which make these chains', () => {
    const [nat, filter] = restorePayload(changes, { listFirst: true });
    const [chains, rules] = [NAT.split('\n').slice(0, 2), NAT.split('\n').slice(2, 4)];
    const edits = ['-D OUTPUT -j OLD', '-I OUTPUT 1 -j NEW'];
    const lines = ['*nat', ...edits, '-S', ...chains, ...rules, '-X KUBE-SVC-B', ''];
    assert.equal(textOf(nat), lines.join('\n'));
    assert.equal(textOf(filter), '*filter\n-S\n:KUBE-FORWARD - [0:0]\n-A KUBE-FORWARD -j DROP\n');
  });

  it('makes the chains that such rules jump to before the listing, too', () => {
    const jump: ChainChange = {
      ...about,
      kind: 'edit-chain',
      table: 'nat',
      chain: 'OUTPUT',
      previous: { rules: '' },
      next: { rules: '-A OUTPUT -j KUBE-SVC-A\n' },
      edits: [{ kind: 'insert', rule: '-A OUTPUT -j KUBE-SVC-A', position: 1 }],
    };
    const [nat] = restorePayload([...changes.slice(0, 3), jump], { listFirst: true });
    const start = '*nat\n:KUBE-SVC-A - [0:0]\n-I OUTPUT 1 -j KUBE-SVC-A\n-S\n:KUBE-SVC-B - [0:0]\n[1:2] -A KUBE-SVC-A';
    assert.ok(textOf(nat).startsWith(start), textOf(nat));
  });

  it('is nothing for no changes', () => assert.deepEqual(restorePayload([], { listFirst: true }), []));
});
