import { strict as assert } from 'node:assert';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { compareRulesets } from '../../src/core/analyze/verify/compare-rulesets.ts';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { goldenRoot } from '../support/golden-paths.ts';
import { brief, meantRules, verifyText } from '../support/verify.ts';

const root = join(goldenRoot, 'reference');
const cases = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();

describe('verify, of what kube-proxy v1.36.2 programmed', () => {
  it('has 102 cases', () => {
    assert.ok(cases.length >= 102, `only ${cases.length} cases in ${root}`);
  });

  for (const name of cases) {
    it(`proves ${name}`, () => {
      const folder = join(root, name);
      const own = join(folder, 'config.yaml');
      const config = load(readFileSync(existsSync(own) ? own : join(root, 'default-config.yaml'), 'utf8'));
      const snapshot: unknown = JSON.parse(readFileSync(join(folder, 'snapshot.json'), 'utf8'));
      const families = meantRules([snapshot], { config });
      assert.deepEqual(
        families.map(({ meaning }) => meaning.family),
        ['ipv4', 'ipv6'],
      );
      for (const { meaning, text: compiled } of families) {
        const { family, localAddresses } = meaning;
        const recorded = readFileSync(join(folder, family === 'ipv4' ? 'iptables.save' : 'ip6tables.save'), 'utf8');
        const result = verifyText(recorded, meaning);
        assert.equal(result.verdict, 'proved', `${family}: ${brief(result)}`);
        // Without rules nothing is proved, unless there is nothing to do: what was proved is not nothing.
        const rules = (text: string) => parseIptablesSave(text, { family }).ruleset;
        const compared = compareRulesets(rules(recorded), rules(compiled), { localAddresses });
        assert.equal(compared.verdict, 'same', `${family}: ${JSON.stringify(compared.differences[0]?.packet)}`);
      }
    });
  }

  it('refutes the rules of another case', () => {
    const [one, other] = ['clusterip-002-endpoints', 'clusterip-003-endpoints'];
    const snapshot: unknown = JSON.parse(readFileSync(join(root, one ?? '', 'snapshot.json'), 'utf8'));
    const [{ meaning } = assert.fail()] = meantRules([snapshot]);
    const result = verifyText(readFileSync(join(root, other ?? '', 'iptables.save'), 'utf8'), meaning);
    assert.equal(result.verdict, 'refuted');
    assert.deepEqual(
      result.differences.map(({ kind, frontend }) => `${frontend ?? ''} ${kind}`),
      ['clusterIP wrong-endpoint'],
    );
  });
});
