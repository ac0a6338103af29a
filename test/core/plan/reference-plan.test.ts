import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { compile } from '../../../src/core/compile/compile.ts';
import { splitSave } from '../../../src/core/parse/iptables-save/split-save.ts';
import { planFamily } from '../../../src/core/plan/plan-family.ts';
import { goldenRoot } from '../../support/golden-paths.ts';
import { planOptions } from '../../support/plan-options.ts';

const root = join(goldenRoot, 'reference');
const cases = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

describe('a node that kube-proxy v1.36.2 programmed', () => {
  it('is recorded in 102 cases', () => assert.ok(cases.length >= 102));

  for (const name of cases) {
    it(`${name}: nothing changes`, () => {
      const folder = join(root, name);
      const own = join(folder, 'config.yaml');
      const config = load(readFileSync(existsSync(own) ? own : join(root, 'default-config.yaml'), 'utf8'));
      const snapshot: unknown = JSON.parse(readFileSync(join(folder, 'snapshot.json'), 'utf8'));
      const { rules } = compile([snapshot], { config, node: 'node-a', nfacct: true });
      assert.deepEqual(
        rules.map(({ family }) => family),
        ['ipv4', 'ipv6'],
      );
      for (const desired of rules) {
        const file = desired.family === 'ipv4' ? 'iptables.save' : 'ip6tables.save';
        const { saved, diagnostics } = splitSave(readFileSync(join(folder, file), 'utf8'));
        assert.deepEqual(diagnostics, []);
        assert.deepEqual(planFamily(saved, desired, planOptions), { family: desired.family, changes: [], notes: [] });
      }
    });
  }
});
