import assert from 'node:assert/strict';
import { compile } from '../../../src/core/compile/compile.ts';
import { splitSave } from '../../../src/core/parse/iptables-save/split-save.ts';
import { planFamily } from '../../../src/core/plan/plan-family.ts';
import { planOptions } from '../../support/plan-options.ts';
import { recordedConfig, recordedSnapshot, recordedText, referenceCases } from '../../support/recordings.ts';

describe('a node that kube-proxy v1.36.2 programmed', () => {
  it('is recorded in 102 cases', () => assert.ok(referenceCases.length >= 102));

  for (const name of referenceCases) {
    it(`${name}: nothing changes`, () => {
      const config = recordedConfig(name);
      const snapshot = recordedSnapshot(name);
      const { rules } = compile([snapshot], { config, node: 'node-a', nfacct: true });
      assert.deepEqual(
        rules.map(({ family }) => family),
        ['ipv4', 'ipv6'],
      );
      for (const desired of rules) {
        const file = desired.family === 'ipv4' ? 'iptables.save' : 'ip6tables.save';
        const { saved, diagnostics } = splitSave(recordedText(name, file));
        assert.deepEqual(diagnostics, []);
        assert.deepEqual(planFamily(saved, desired, planOptions), { family: desired.family, changes: [], notes: [] });
      }
    });
  }
});
