import assert from 'node:assert/strict';
import { splitSave } from '../../../../src/core/parse/iptables-save/split-save.ts';
import { planCleanup, type FamilyCleanup } from '../../../../src/core/plan/cleanup/plan-cleanup.ts';
import { countersInUse, setReferences } from '../../../../src/core/plan/cleanup/used-objects.ts';
import { restorePayload } from '../../../../src/core/plan/restore-payload.ts';
import { compareStrings } from '../../../../src/core/util/order.ts';
import type { SavedRules } from '../../../../src/core/ruleset/saved-rules.ts';

function saved(text: string): SavedRules {
  const { saved, diagnostics } = splitSave(text);
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  );
  return saved;
}

function table(name: string, chains: readonly string[], rules: readonly string[]): string {
  const builtIn = name === 'nat' ? ['PREROUTING', 'OUTPUT', 'POSTROUTING'] : ['INPUT', 'FORWARD', 'OUTPUT'];
  const declared = [...builtIn.map((chain) => `:${chain} ACCEPT [0:0]`), ...chains.map((chain) => `:${chain} - [0:0]`)];
  return [`*${name}`, ...declared, ...rules, 'COMMIT', ''].join('\n');
}

const plan = (text: string, all = false): FamilyCleanup => planCleanup('ipv4', saved(text), { all });

function payload(cleanup: FamilyCleanup): string {
  return restorePayload(cleanup.plan.changes, { listFirst: false })
    .flatMap(({ body }) => [...body])
    .join('');
}

/** `table chain` of what is deleted. */
function deleted({ plan }: FamilyCleanup): readonly string[] {
  return plan.changes.filter(({ kind }) => kind === 'delete-chain').map((change) => `${change.table} ${change.chain}`);
}

const LOCALNET =
  '-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections" ' +
  '-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP';
const MARKED =
  '-A KUBE-FIREWALL -m comment --comment "kubernetes firewall for dropping marked packets" -m mark --mark 0x8000/0x8000 -j DROP';

describe('planCleanup', () => {
  it('empties the chains, takes the jumps away, and then removes the chains', () => {
    const text = table(
      'nat',
      ['DOCKER', 'KUBE-SERVICES', 'KUBE-SVC-AAAA', 'KUBE-SEP-BBBB', 'KUBE-MARK-MASQ'],
      [
        '-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER',
        '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
        '-A PREROUTING -m comment --comment "not -j KUBE-SERVICES" -j RETURN',
        '-A OUTPUT -g KUBE-SERVICES',
        '-A OUTPUT -g KUBE-SERVICES',
        '-A DOCKER -i docker0 -j RETURN',
        '-A KUBE-SERVICES -d 10.0.0.1/32 -j KUBE-SVC-AAAA',
        '-A KUBE-SVC-AAAA -j KUBE-SEP-BBBB',
        '-A KUBE-SEP-BBBB -j KUBE-MARK-MASQ',
      ],
    );
    const cleanup = plan(text);
    assert.deepEqual(payload(cleanup).split('\n'), [
      '*nat',
      ':KUBE-SVC-AAAA - [0:0]',
      ':KUBE-SEP-BBBB - [0:0]',
      ':KUBE-MARK-MASQ - [0:0]',
      ':KUBE-SERVICES - [0:0]',
      '-D OUTPUT -g KUBE-SERVICES',
      '-D OUTPUT -g KUBE-SERVICES',
      '-D PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
      '-X KUBE-MARK-MASQ',
      '-X KUBE-SEP-BBBB',
      '-X KUBE-SERVICES',
      '-X KUBE-SVC-AAAA',
      '',
    ]);
    assert.deepEqual([cleanup.blocked, cleanup.kept], [[], []]);
    const edit = cleanup.plan.changes.find(({ chain }) => chain === 'PREROUTING');
    assert.ok(edit?.kind === 'edit-chain');
    assert.equal(edit.next.rules.split('\n').length, 3);
    assert.match(edit.next.rules, /-j DOCKER\n.*-j RETURN\n$/);
  });

  it('has nothing to do on a node of others', () => {
    const foreign = table(
      'nat',
      ['DOCKER', 'KUBE-HOSTPORTS'],
      ['-A PREROUTING -j DOCKER', '-A OUTPUT -j KUBE-HOSTPORTS'],
    );
    assert.deepEqual(plan(foreign).plan.changes, []);
    assert.deepEqual(plan(foreign).kept, [{ table: 'nat', chain: 'KUBE-HOSTPORTS', owner: 'host-ports' }]);
    assert.deepEqual(plan('*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n').plan.changes, []);
  });

  it('leaves a chain that a chain of somebody else jumps to, and all that it leads to', () => {
    const text = table(
      'nat',
      ['MINE', 'KUBE-SERVICES', 'KUBE-SVC-AAAA', 'KUBE-SEP-BBBB', 'KUBE-SEP-CCCC'],
      [
        '-A PREROUTING -j KUBE-SERVICES',
        '-A PREROUTING -j MINE',
        '-A MINE -p tcp -j KUBE-SVC-AAAA',
        '-A MINE -p udp -j KUBE-SVC-AAAA',
        '-A KUBE-SERVICES -j KUBE-SVC-AAAA',
        '-A KUBE-SVC-AAAA -j KUBE-SEP-BBBB',
        // A circle, which the kernel refuses and a dump can have.
        '-A KUBE-SEP-BBBB -j KUBE-SVC-AAAA',
      ],
    );
    const cleanup = plan(text);
    assert.deepEqual(deleted(cleanup), ['nat KUBE-SEP-CCCC', 'nat KUBE-SERVICES']);
    assert.match(payload(cleanup), /^-D PREROUTING -j KUBE-SERVICES$/m);
    const rule = '-A MINE -p tcp -j KUBE-SVC-AAAA';
    const blocked = { table: 'nat', chain: 'KUBE-SVC-AAAA', rule, rules: 2, holds: ['KUBE-SEP-BBBB'] };
    assert.deepEqual(cleanup.blocked, [blocked]);
  });

  it('leaves the masquerading of marked packets as long as somebody else marks them', () => {
    const text = table(
      'nat',
      ['KUBE-HP-AAAA', 'KUBE-MARK-MASQ', 'KUBE-POSTROUTING', 'KUBE-SERVICES'],
      [
        '-A PREROUTING -j KUBE-SERVICES',
        '-A POSTROUTING -j KUBE-POSTROUTING',
        '-A KUBE-HP-AAAA -s 10.0.0.1/32 -j KUBE-MARK-MASQ',
        '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
        '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
      ],
    );
    const cleanup = plan(text);
    assert.deepEqual(deleted(cleanup), ['nat KUBE-SERVICES']);
    assert.deepEqual(
      cleanup.blocked.map(({ chain, holds }) => [chain, holds]),
      [['KUBE-MARK-MASQ', ['KUBE-POSTROUTING']]],
    );
    assert.doesNotMatch(payload(cleanup), /POSTROUTING/);
  });

  it("removes KUBE-FIREWALL only where it is kube-proxy's alone", () => {
    const jump = '-A INPUT -j KUBE-FIREWALL';
    const alone = plan(table('filter', ['KUBE-FIREWALL'], [jump, LOCALNET]));
    assert.deepEqual(deleted(alone), ['filter KUBE-FIREWALL']);
    assert.match(payload(alone), /^-D INPUT -j KUBE-FIREWALL$/m);
    const withKubelet = [
      table('filter', ['KUBE-FIREWALL'], [jump, LOCALNET]) + table('nat', ['KUBE-KUBELET-CANARY'], []),
      table('filter', ['KUBE-FIREWALL'], [jump, MARKED, LOCALNET]),
      table('filter', ['KUBE-FIREWALL'], [jump, LOCALNET, '-A KUBE-FIREWALL -s 10.9.9.9/32 -j DROP']),
    ];
    for (const text of withKubelet) {
      assert.deepEqual(plan(text).plan.changes, [], text);
      assert.ok(plan(text).kept.some(({ chain }) => chain === 'KUBE-FIREWALL'));
      assert.ok(deleted(plan(text, true)).includes('filter KUBE-FIREWALL'));
    }
  });

  it('leaves rules of others that jump to a chain that stays', () => {
    const own = '-A OUTPUT -d 203.0.113.7/32 -j KUBE-MARK-MASQ';
    const mine = '-A MINE -s 10.9.1.0/24 -j KUBE-MARK-MASQ';
    const rules = ['-A PREROUTING -j KUBE-SERVICES', '-A PREROUTING -j MINE', own, mine];
    const chains = ['KUBE-MARK-MASQ', 'KUBE-SERVICES', 'MINE'];
    const edits = (text: string): readonly string[] =>
      plan(text).plan.changes.flatMap((change) =>
        change.kind === 'edit-chain' ? change.edits.map((edit) => `${edit.kind} ${edit.rule}`) : [],
      );
    assert.deepEqual(edits(table('nat', chains, rules)), ['delete -A PREROUTING -j KUBE-SERVICES']);
    // Where the chain goes, nothing can jump to it.
    const free = table('nat', chains, rules.slice(0, -1));
    assert.deepEqual(edits(free), [`delete ${own}`, 'delete -A PREROUTING -j KUBE-SERVICES']);
    // What kube-proxy enters by is taken out of service also where it stays.
    const entered = table('nat', chains, [...rules.slice(0, 2), '-A MINE -j KUBE-SERVICES']);
    assert.deepEqual(edits(entered), ['delete -A PREROUTING -j KUBE-SERVICES']);
    const firewall = ['-A INPUT -j KUBE-FIREWALL', '-A MINE -j KUBE-FIREWALL', LOCALNET];
    assert.deepEqual(edits(table('filter', ['KUBE-FIREWALL', 'MINE'], firewall)), ['delete -A INPUT -j KUBE-FIREWALL']);
  });

  it("removes the kubelet's chains only when asked to", () => {
    const text = table(
      'nat',
      ['KUBE-KUBELET-CANARY', 'KUBE-MARK-DROP', 'KUBE-FIREWALL', 'KUBE-ROUTER-X'],
      ['-A KUBE-FIREWALL -j KUBE-MARK-DROP', '-A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000'],
    );
    assert.deepEqual(deleted(plan(text)), ['nat KUBE-FIREWALL']);
    assert.deepEqual(deleted(plan(text, true)), ['nat KUBE-FIREWALL', 'nat KUBE-KUBELET-CANARY', 'nat KUBE-MARK-DROP']);
    assert.deepEqual(
      plan(text, true).kept.map(({ chain }) => chain),
      ['KUBE-ROUTER-X'],
    );
  });

  it('takes time in proportion to the rules, foreign ones too', () => {
    const chains = Array.from({ length: 20_000 }, (_, i) => `KUBE-SVC-${i}`);
    const foreign = Array.from({ length: 20_000 }, (_, i) => `-A PREROUTING -s 10.0.${i >> 8}.${i & 255}/32 -j RETURN`);
    const links = chains.slice(1).map((chain, i) => `-A KUBE-SVC-${i} -j ${chain}`);
    const text = table(
      'nat',
      ['MINE', ...chains],
      [...foreign, '-A PREROUTING -j KUBE-SVC-1', '-A MINE -j KUBE-SVC-7', ...links],
    );
    const rules = saved(text);
    const start = performance.now();
    const { blocked } = planCleanup('ipv4', rules, { all: false });
    assert.equal(blocked[0]?.holds.length, 20_000 - 8);
    assert.ok(performance.now() - start < 2000);
  });
});

describe('what rules refer to', () => {
  const text = table(
    'nat',
    ['MINE', 'KUBE-SERVICES', 'KUBE-MARK-MASQ'],
    [
      '-A PREROUTING -m set --match-set KUBE-CLUSTER-IP dst,dst -j KUBE-SERVICES',
      '-A OUTPUT -m set --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT',
      '-A OUTPUT -m nfacct --nfacct-name  mine -j ACCEPT',
      '-A KUBE-SERVICES -m set --match-set KUBE-CLUSTER-IP dst,dst -m set ! --match-set KUBE-IPVS-IPS dst -j ACCEPT',
      '-A KUBE-SERVICES -m nfacct --nfacct-name  ours -j ACCEPT',
      '-A MINE -j KUBE-MARK-MASQ',
      '-A KUBE-MARK-MASQ -m set --match-set KUBE-LOOP-BACK dst -m nfacct --nfacct-name held -j RETURN',
    ],
  );

  it('is counted where it goes with them', () => {
    assert.deepEqual(
      [...setReferences(plan(text).plan)].sort(([a], [b]) => compareStrings(a, b)),
      [
        ['KUBE-CLUSTER-IP', 2],
        ['KUBE-IPVS-IPS', 1],
      ],
    );
  });

  it('is in use where they stay', () => {
    assert.deepEqual([...countersInUse(saved(text), plan(text).plan)].sort(), ['held', 'mine']);
  });
});
