// Plans for IPVS carried out in a kernel of memory: what they lead to, what they leave alone, and what packets meet on the way.
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { compile } from '../../src/core/compile/compile.ts';
import { parseCidr, type IpFamily } from '../../src/core/model/ip.ts';
import { planDocumentData } from '../../src/core/plan/document/plan-document.ts';
import { readPlanDocument } from '../../src/core/plan/document/read-plan-document.ts';
import { invertIpvs, joinIpvsWaysBack, remainingIpvs, sameItem } from '../../src/core/plan/ipvs/compare-ipvs.ts';
import { ipvsFingerprint } from '../../src/core/plan/ipvs/fingerprint-ipvs.ts';
import { stateItems } from '../../src/core/plan/ipvs/ipvs-item.ts';
import type { IpvsPlan } from '../../src/core/plan/ipvs/ipvs-plan.ts';
import type { IpvsState } from '../../src/core/plan/ipvs/ipvs-state.ts';
import { ipvsSteps, type IpvsSteps } from '../../src/core/plan/ipvs/ipvs-steps.ts';
import { planIpvs } from '../../src/core/plan/ipvs/plan-ipvs.ts';
import type { CompiledRules } from '../../src/core/ruleset/compiled-rules.ts';
import { virtualServerKey, type VirtualServer } from '../../src/core/ruleset/virtual-server.ts';
import { proxyConfigs, snapshots } from '../support/arbitraries.ts';
import { withoutIpvs } from '../support/without-ipvs.ts';
import { EMPTY_STATE, stateAfter } from '../support/fake-kube-ipvs.ts';
import type { JsonObject } from '../support/json.ts';
import { holds, metAtLeast } from '../support/law.ts';

function desiredOf(objects: readonly JsonObject[], config: JsonObject, scheduler = 'rr'): readonly CompiledRules[] {
  const options = { config: { ...config, mode: 'ipvs', ipvs: { scheduler } }, node: 'node-a' };
  return compile(objects, options).rules;
}

function allSteps({ prepare, before, retire, after }: IpvsSteps): IpvsSteps['after'] {
  return [...prepare, ...before, ...retire, ...after];
}

function carryOut(plan: IpvsPlan, state: IpvsState, drains = true): IpvsState {
  return allSteps(ipvsSteps(plan, state, drains)).reduce(stateAfter, state);
}

/** A state as a set of items: the kernel has no order. */
function itemsText(state: IpvsState): readonly string[] {
  return [...stateItems(state)]
    .map(([key, item]) => `${key} ${JSON.stringify('value' in item ? item.value : '')}`)
    .sort();
}

const nodes = fc.tuple(snapshots(), proxyConfigs, fc.constantFrom('rr', 'mh', 'sh'));

/** Of somebody else: at addresses that no Service of a snapshot has, and one that is found by a mark. */
const FOREIGN: readonly VirtualServer[] = [
  virtualServer({ kind: 'mark', family: 'ipv4', mark: 7 }),
  virtualServer({ kind: 'address', protocol: 'tcp', ip: { family: 'ipv4', text: '198.18.0.1' }, port: 5000 }),
];

function virtualServer(address: VirtualServer['address']): VirtualServer {
  return {
    address,
    scheduler: 'wlc',
    schedulerFlags: [],
    persistence: undefined,
    persistenceEngine: undefined,
    onePacket: false,
    realServers: [
      { ip: { family: 'ipv4', text: '198.18.0.9' }, port: 5000, forwarding: 'route', weight: 3, tunnel: [] },
    ],
  };
}

const START: IpvsState = { ...EMPTY_STATE, virtualServers: FOREIGN };

function nodeOf([objects, config, scheduler]: readonly [readonly JsonObject[], JsonObject, string]): IpvsState {
  return carryOut(planIpvs(START, desiredOf(objects, config, scheduler), []), START);
}

describe('a plan for IPVS', () => {
  it('is empty once it is carried out, and leaves what is of others', () => {
    const law = fc.property(nodes, nodes, fc.boolean(), (first, second, drains) => {
      const desired = desiredOf(...second);
      const there = nodeOf(first);
      const after = carryOut(planIpvs(there, desired, []), there, drains);
      assert.deepEqual(planIpvs(after, desired, []).changes, []);
      for (const server of FOREIGN) {
        assert.deepEqual(
          after.virtualServers.find((one) => virtualServerKey(one) === virtualServerKey(server)),
          server,
        );
      }
      const wanted = desired.flatMap(({ ipvs }) => ipvs?.virtualServers ?? []);
      assert.equal(after.virtualServers.length, wanted.length + FOREIGN.length);
    });
    holds(law, { runs: 150 });
  });

  it('can be taken back from wherever it was cut short', () => {
    const law = fc.property(nodes, nodes, fc.nat(), (first, second, cut) => {
      const there = nodeOf(first);
      const plan = planIpvs(there, desiredOf(...second), []);
      const steps = allSteps(ipvsSteps(plan, there, true));
      const half = steps.slice(0, cut % (steps.length + 1)).reduce(stateAfter, there);
      const back = remainingIpvs(invertIpvs(plan, 'undo'), half);
      assert.deepEqual(itemsText(carryOut(back, half)), itemsText(there));
      // And on, by what is left of it.
      const on = carryOut(remainingIpvs(plan, half), half);
      assert.deepEqual(planIpvs(on, desiredOf(...second), []).changes, []);
    });
    holds(law, { runs: 150 });
  });

  it('joins with the way back of an apply that was killed', () => {
    const law = fc.property(nodes, nodes, nodes, fc.nat(), (first, second, third, cut) => {
      const there = nodeOf(first);
      const older = planIpvs(there, desiredOf(...second), []);
      const steps = allSteps(ipvsSteps(older, there, true));
      const half = steps.slice(0, cut % (steps.length + 1)).reduce(stateAfter, there);
      const newer = planIpvs(half, desiredOf(...third), []);
      const now = carryOut(newer, half);
      const back = joinIpvsWaysBack(invertIpvs(older, 'undo'), invertIpvs(newer, 'undo'));
      assert.deepEqual(itemsText(carryOut(remainingIpvs(back, now), now)), itemsText(there));
    });
    holds(law, { runs: 100 });
  });

  it('removes all that is of kube-proxy, and nothing else, for another mode', () => {
    const law = fc.property(nodes, (first) => {
      const there = nodeOf(first);
      const desired = desiredOf(...first).map(withoutIpvs);
      const after = carryOut(planIpvs(there, desired, []), there);
      assert.deepEqual(itemsText(after), itemsText(START));
      assert.equal(ipvsFingerprint(after), ipvsFingerprint(START));
    });
    holds(law, { runs: 100 });
  });

  it('never leaves a Service that stays without those real servers that stay', () => {
    let looked = 0;
    const law = fc.property(nodes, nodes, (first, second) => {
      const there = nodeOf(first);
      const desired = desiredOf(...second);
      const plan = planIpvs(there, desired, []);
      const after = carryOut(plan, there);
      const staying = after.virtualServers.filter((server) => find(there, server) !== undefined);
      let state = there;
      for (const step of allSteps(ipvsSteps(plan, there, true))) {
        state = stateAfter(state, step);
        for (const server of staying) {
          const [before, now] = [find(there, server), find(state, server)];
          assert.ok(now !== undefined, `${virtualServerKey(server)} is gone`);
          looked += 1;
          const served = [before, server].every((one) => one?.realServers.some(({ weight }) => weight > 0));
          assert.ok(
            !served || now.realServers.some(({ weight }) => weight > 0),
            `${virtualServerKey(server)} is without`,
          );
        }
        for (const ip of there.addresses ?? []) {
          const stays = after.addresses?.some(({ text }) => text === ip.text) === true;
          assert.ok(!stays || state.addresses?.some(({ text }) => text === ip.text) === true);
        }
      }
    });
    holds(law, { runs: 100 });
    metAtLeast(1000, looked, 'virtual servers that stay');
  });

  it('tells whose a virtual server is at every step', () => {
    const law = fc.property(nodes, nodes, (first, second) => {
      const there = nodeOf(first);
      const plan = planIpvs(there, desiredOf(...second), []);
      const none = desiredOf(...second).map(withoutIpvs);
      let state = there;
      for (const step of allSteps(ipvsSteps(plan, there, true))) {
        state = stateAfter(state, step);
        const cleaned = carryOut(planIpvs(state, none, []), state);
        assert.deepEqual(itemsText(cleaned), itemsText(START));
      }
    });
    holds(law, { runs: 40 });
  });

  it('is the same when it is read from a file', () => {
    let compared = 0;
    const law = fc.property(nodes, nodes, (first, second) => {
      const ipvs = planIpvs(nodeOf(first), desiredOf(...second), []);
      const plan = { families: [], sysctls: [], nfacct: [], ipvs };
      const data = planDocumentData({ variant: 'nft', fingerprint: {}, plan, summaries: [] });
      const { document, diagnostics } = readPlanDocument(JSON.stringify(data));
      assert.deepEqual(diagnostics, []);
      const read = document?.plan.ipvs?.changes ?? [];
      assert.equal(read.length, ipvs.changes.length);
      for (const [i, change] of ipvs.changes.entries()) {
        assert.ok(sameItem(read[i]?.previous, change.previous) && sameItem(read[i]?.next, change.next));
        assert.deepEqual([read[i]?.service, read[i]?.reason], [change.service, change.reason]);
      }
      compared += read.length;
    });
    holds(law, { runs: 100 });
    metAtLeast(2000, compared, 'changes');
  });

  it('touches nothing in excludeCIDRs, and nothing of a family that is not planned for', () => {
    const all = parseCidr('0.0.0.0/0');
    assert.ok(all !== undefined);
    let spared = 0;
    const law = fc.property(nodes, nodes, (first, second) => {
      const there = nodeOf(first);
      const desired = desiredOf(...second);
      const excluding = desired.map((rules) =>
        rules.ipvs === undefined ? rules : { ...rules, ipvs: { ...rules.ipvs, excludeCidrs: [all] } },
      );
      assert.deepEqual(removedServers(planIpvs(there, excluding, []), 'ipv4'), []);
      spared += removedServers(planIpvs(there, desired, []), 'ipv4').length;
      const onlyV4 = desired.filter(({ family }) => family === 'ipv4');
      const after = carryOut(planIpvs(there, onlyV4, []), there);
      const ofV6 = (state: IpvsState): readonly string[] =>
        itemsText(state).filter((line) => /KUBE-6-| \[[0-9a-f:]+\]|^address {2}\S*:/.test(line));
      assert.deepEqual(ofV6(after), ofV6(there));
    });
    holds(law, { runs: 60 });
    metAtLeast(50, spared, 'virtual servers that would go');
  });
});

function removedServers({ changes }: IpvsPlan, of: IpFamily): readonly string[] {
  return changes.flatMap(({ previous, next }) => {
    const goes = next === undefined && previous?.object === 'virtual-server' ? previous.address : undefined;
    return goes?.kind === 'address' && goes.ip.family === of ? [previous?.name ?? ''] : [];
  });
}

function find(state: IpvsState, server: VirtualServer): VirtualServer | undefined {
  return state.virtualServers.find((one) => virtualServerKey(one) === virtualServerKey(server));
}
