import assert from 'node:assert/strict';
import { splitSave } from '../../../../src/core/parse/iptables-save/split-save.ts';
import { readPlanDocument } from '../../../../src/core/plan/document/read-plan-document.ts';
import { planDocumentData } from '../../../../src/core/plan/document/plan-document.ts';
import { ipvsSteps } from '../../../../src/core/plan/ipvs/ipvs-steps.ts';
import type { IpvsState } from '../../../../src/core/plan/ipvs/ipvs-state.ts';
import { planIpvs } from '../../../../src/core/plan/ipvs/plan-ipvs.ts';
import { summarizeIpvs } from '../../../../src/core/plan/ipvs/summarize-ipvs.ts';
import type { CompiledRules } from '../../../../src/core/ruleset/compiled-rules.ts';
import { ipvsCounts } from '../../../../src/cli/output/print-ipvs-plan.ts';
import { withoutIpvs } from '../../../support/without-ipvs.ts';
import { EMPTY_STATE } from '../../../support/fake-kube-ipvs.ts';
import { compiledCase } from '../../../support/ipvs-reference.ts';
import { recordedState } from '../../../support/recorded-ipvs-state.ts';

function withServers(
  state: IpvsState,
  change: (server: IpvsState['virtualServers'][number]) => IpvsState['virtualServers'][number],
): IpvsState {
  return { ...state, virtualServers: state.virtualServers.map(change) };
}

const desired = compiledCase('dual-stack');
const state = recordedState('dual-stack');

describe('planIpvs', () => {
  it('says why each thing changes, and for which Service', () => {
    const plan = planIpvs(
      withServers(state, (server) => ({
        ...server,
        scheduler: 'wrr',
        realServers: server.realServers.map((real) => ({ ...real, weight: 0 })),
      })),
      desired.slice(0, 1),
      [],
    );
    assert.deepEqual(
      [...new Set(plan.changes.map(({ reason, service }) => `${service}: ${reason}`))],
      ['default/web:http: has the scheduler wrr, not rr', 'default/web:http: has the weight 0, not 1'],
    );
    assert.equal(ipvsCounts(plan), 'Plan for IPVS: 4 virtual servers to change; 8 real servers to change');
    const [item] = summarizeIpvs(plan);
    assert.deepEqual([item?.kind, item?.change, item?.name], ['service', 'change', 'default/web:http']);
  });

  it('drains TCP, and takes UDP and SCTP away at once', () => {
    const none = desired.map((rules): CompiledRules => {
      const servers = rules.ipvs?.virtualServers.map((server) => ({ ...server, realServers: [] })) ?? [];
      return rules.ipvs === undefined ? rules : { ...rules, ipvs: { ...rules.ipvs, virtualServers: servers } };
    });
    const udp = withServers(state, (server) =>
      server.address.kind === 'address' && server.address.port === 30_080
        ? { ...server, address: { ...server.address, protocol: 'udp' } }
        : server,
    );
    const plan = planIpvs(udp, none, []);
    const steps = ipvsSteps(plan, udp, true);
    assert.ok(steps.drain.length > 0);
    assert.ok(steps.drain.every(({ address }) => address.kind === 'address' && address.protocol === 'tcp'));
    const retired = steps.retire.flatMap((step) => (step.kind === 'change-servers' ? step.changes : []));
    assert.ok(retired.length > 0);
    assert.ok(retired.every((change) => change.kind === 'edit-real-server' && change.realServer.weight === 0));
    assert.deepEqual(ipvsSteps(plan, udp, false).drain, []);
  });

  it('leaves a set that rules of others name, and says so', () => {
    const rules = desired.map(withoutIpvs);
    const dump = '*filter\n-A INPUT -m set --match-set KUBE-CLUSTER-IP dst -j ACCEPT\nCOMMIT\n';
    const { saved } = splitSave(dump);
    const plan = planIpvs({ ...state, sets: state.sets.map((set) => ({ ...set, references: undefined })) }, rules, [
      { plan: { family: 'ipv4', changes: [], notes: [] }, saved },
    ]);
    assert.deepEqual(plan.notes, ['the ipset KUBE-CLUSTER-IP stays: 1 other rule or set refers to it']);
    assert.ok(!plan.changes.some(({ previous }) => previous?.object === 'set' && previous.name === 'KUBE-CLUSTER-IP'));
  });

  it('finds nothing to do where there is nothing and nothing is wanted', () => {
    const rules = desired.map(withoutIpvs);
    assert.deepEqual(planIpvs(EMPTY_STATE, rules, []), { changes: [], notes: [] });
  });
});

describe('the part of a plan file that is about IPVS', () => {
  const ipvs = planIpvs(EMPTY_STATE, desired, []);
  const whole = planDocumentData({
    variant: 'nft',
    fingerprint: {},
    plan: { families: [], sysctls: [], nfacct: [], ipvs },
    summaries: [],
  });
  const faultsOf = (change: object): readonly string[] => {
    const data = { ...whole, ipvs: { changes: [change], notes: [] } };
    return readPlanDocument(JSON.stringify(data)).diagnostics.map(({ message }) => message);
  };
  const server = { kind: 'add', object: 'virtual-server', name: 'tcp 10.96.0.1:80', reason: 'x' };
  const member = { kind: 'add', object: 'member', set: 'KUBE-CLUSTER-IP', name: '10.0.0.1,tcp:80', reason: 'x' };

  it('is taken if it says what a plan can say', () => {
    assert.deepEqual(faultsOf({ ...server, next: { scheduler: 'rr', flags: [] } }), []);
    assert.deepEqual(faultsOf(member), []);
  });

  const refused: readonly (readonly [why: string, change: object, message: RegExp])[] = [
    ['a set of others', { ...member, set: 'MINE' }, /names no member/],
    ['a second command in a member', { ...member, name: '10.0.0.1,tcp:80\ndestroy' }, /control characters/],
    ['another spelling', { ...member, name: '010.0.0.1,tcp:80' }, /names no member/],
    ['a range', { ...member, name: '10.0.0.1-10.0.0.9,tcp:80' }, /names no member/],
    ['a mark', { ...server, name: 'mark 7 ipv4', next: { scheduler: 'rr', flags: [] } }, /names no virtual server/],
    ['an option as scheduler', { ...server, next: { scheduler: 'rr -C', flags: [] } }, /no name of a scheduler/],
    ['another flag', { ...server, next: { scheduler: 'rr', flags: ['x'] } }, /no flag/],
    ['another link', { kind: 'remove', object: 'link', name: 'eth0', reason: 'x' }, /names no link/],
    ['another object', { kind: 'remove', object: 'route', name: 'x', reason: 'x' }, /must be timeouts or link/],
    ['no value', server, /must be a mapping/],
  ];
  for (const [why, change, message] of refused) {
    it(`is refused with ${why}`, () => assert.match(faultsOf(change).join('\n'), message));
  }
});
