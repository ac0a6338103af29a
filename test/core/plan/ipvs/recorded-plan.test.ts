import assert from 'node:assert/strict';
import { splitSave } from '../../../../src/core/parse/iptables-save/split-save.ts';
import { planIpvs } from '../../../../src/core/plan/ipvs/plan-ipvs.ts';
import { planFamily } from '../../../../src/core/plan/plan-family.ts';
import { compiledCase, ipvsCases, isUnfinished, recordedIpvs } from '../../../support/ipvs-reference.ts';
import { planOptions } from '../../../support/plan-options.ts';
import { recordedState } from '../../../support/recorded-ipvs-state.ts';

describe('a node that kube-proxy v1.36.2 programmed in ipvs mode', () => {
  it('is recorded in 39 cases', () => assert.ok(ipvsCases.length >= 39));

  for (const name of ipvsCases) {
    it(`${name}: nothing changes`, () => {
      const desired = compiledCase(name);
      const [v4, v6] = desired;
      assert.ok(v4 !== undefined && v6 !== undefined);
      const v6Save = recordedIpvs(name, 'ip6tables.save');
      const finished = isUnfinished(v6Save) ? [v4] : [v4, v6];
      assert.deepEqual(planIpvs(recordedState(name), finished, []), { changes: [], notes: [] });
      for (const rules of finished) {
        const text = rules.family === 'ipv4' ? recordedIpvs(name, 'iptables.save') : v6Save;
        const { saved } = splitSave(text);
        const plan = planFamily(saved, rules, planOptions);
        assert.deepEqual(plan, { family: rules.family, changes: [], notes: [] });
      }
    });
  }
});
