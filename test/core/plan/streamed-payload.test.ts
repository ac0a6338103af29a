import assert from 'node:assert/strict';
import { splitSave } from '../../../src/core/parse/iptables-save/split-save.ts';
import type { ChainChange, FamilyPlan } from '../../../src/core/plan/plan.ts';
import { payloadText } from '../../../src/core/plan/restore-payload.ts';
import { StreamedPayload } from '../../../src/core/plan/streamed-payload.ts';
import type { CompiledChain } from '../../../src/core/ruleset/compiled-rules.ts';

const FRESH = splitSave('*nat\n:PREROUTING ACCEPT [1:2]\n:DOCKER - [0:0]\nCOMMIT\n').saved;
const WITH_MARK = splitSave('*nat\n:KUBE-MARK-MASQ - [0:0]\nCOMMIT\n').saved;
const WITH_SERVICE = splitSave('*nat\n:KUBE-SEP-A - [0:0]\nCOMMIT\n').saved;

const chain = (name: string, rules: string): CompiledChain => ({
  table: 'nat',
  name,
  policy: '-',
  rules,
  purpose: '',
  service: 'default/web:http',
});
const SVC = chain('KUBE-SVC-A', '-A KUBE-SVC-A -j KUBE-SEP-A\n');
const SEP = chain('KUBE-SEP-A', '-A KUBE-SEP-A -s 10.0.0.1/32 -j KUBE-MARK-MASQ\n');

const created = ({ table, name, rules }: Pick<CompiledChain, 'table' | 'name' | 'rules'>): ChainChange => ({
  kind: 'create-chain',
  table,
  chain: name,
  reason: 'is missing',
  next: { rules },
});
const MARK = created({ table: 'nat', name: 'KUBE-MARK-MASQ', rules: '-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000\n' });
const FORWARD = created({ table: 'filter', name: 'KUBE-FORWARD', rules: '-A KUBE-FORWARD -j DROP\n' });
const planOf = (...changes: readonly ChainChange[]): FamilyPlan => ({ family: 'ipv4', changes, notes: [] });

function streamed(): StreamedPayload {
  const payload = new StreamedPayload(FRESH, 'last-first');
  assert.equal(payload.opening(), '*nat\n:KUBE-MARK-MASQ - [0:0]\n');
  const part = payload.part([SEP, SVC]);
  assert.equal(part, `:KUBE-SVC-A - [0:0]\n:KUBE-SEP-A - [0:0]\n${SEP.rules}${SVC.rules}`);
  return payload;
}

describe('StreamedPayload', () => {
  it('declares what its chains jump to, unless that is there: to declare it would empty it', () => {
    assert.equal(new StreamedPayload(WITH_MARK, 'last-first').opening(), '*nat\n');
  });

  it('goes on with the rest of the plan', () => {
    const rest = streamed().rest(planOf(MARK, created(SEP), created(SVC), FORWARD));
    const nat = ':KUBE-MARK-MASQ - [0:0]\n-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000\nCOMMIT\n';
    const filter = '*filter\n:KUBE-FORWARD - [0:0]\n-A KUBE-FORWARD -j DROP\nCOMMIT\n';
    assert.equal(payloadText(rest ?? []), nat + filter);
  });

  it('finds the chains of all its parts in a plan, which has them by name', () => {
    const [sep, svc] = [
      chain('KUBE-SEP-B', '-A KUBE-SEP-B -j DROP\n'),
      chain('KUBE-SVC-B', '-A KUBE-SVC-B -j KUBE-SEP-B\n'),
    ];
    const all = [SEP, sep, SVC, svc].map(created);
    const twoParts = (): StreamedPayload => {
      const payload = streamed();
      assert.notEqual(payload.part([sep, svc]), undefined);
      return payload;
    };
    const rest = twoParts().rest(planOf(MARK, ...all));
    assert.equal(rest?.length, 1);
    assert.doesNotMatch(payloadText(rest), /KUBE-S/);
    for (const missing of all) {
      const others = all.filter((change) => change !== missing);
      assert.equal(twoParts().rest(planOf(MARK, ...others)), undefined, missing.chain);
    }
  });

  it('has no rest for a plan that lacks a chain, or has it otherwise', () => {
    const other = created({ ...SVC, rules: '-A KUBE-SVC-A -j DROP\n' });
    const replaced: ChainChange = { ...created(SVC), kind: 'replace-chain', previous: { rules: '' }, next: SVC };
    const elsewhere = created({ ...SVC, table: 'filter' });
    const counted: ChainChange = { ...created(SVC), kind: 'create-chain', next: { ...SVC, counters: ['[1:2]'] } };
    for (const changed of [[], [other], [replaced], [elsewhere], [counted]]) {
      assert.equal(streamed().rest(planOf(MARK, created(SEP), ...changed)), undefined);
    }
  });

  it('has no rest for a plan that has nothing else for nat', () => {
    assert.equal(streamed().rest(planOf(created(SEP), created(SVC), FORWARD)), undefined);
  });

  it('takes no chain that the node has, and none of another table', () => {
    assert.equal(new StreamedPayload(WITH_SERVICE, 'last-first').part([SEP, SVC]), undefined);
    assert.equal(new StreamedPayload(FRESH, 'last-first').part([{ ...SVC, table: 'filter' }]), undefined);
  });
});
