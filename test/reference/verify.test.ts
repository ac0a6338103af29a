import { strict as assert } from 'node:assert';
import { compareRulesets } from '../../src/core/analyze/verify/compare-rulesets.ts';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { brief, meantRules, verifyText } from '../support/verify.ts';
import { recordedConfig, recordedSnapshot, recordedText, referenceCases } from '../support/recordings.ts';

describe('verify, of what kube-proxy v1.36.2 programmed', () => {
  it('has 102 cases', () => {
    assert.ok(referenceCases.length >= 102, `only ${referenceCases.length} cases`);
  });

  for (const name of referenceCases) {
    it(`proves ${name}`, () => {
      const config = recordedConfig(name);
      const snapshot = recordedSnapshot(name);
      const families = meantRules([snapshot], { config });
      assert.deepEqual(
        families.map(({ meaning }) => meaning.family),
        ['ipv4', 'ipv6'],
      );
      for (const { meaning, text: compiled } of families) {
        const { family, localAddresses } = meaning;
        const recorded = recordedText(name, family === 'ipv4' ? 'iptables.save' : 'ip6tables.save');
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
    const snapshot = recordedSnapshot(one ?? '');
    const [{ meaning } = assert.fail()] = meantRules([snapshot]);
    const result = verifyText(recordedText(other ?? '', 'iptables.save'), meaning);
    assert.equal(result.verdict, 'refuted');
    assert.deepEqual(
      result.differences.map(({ kind, frontend }) => `${frontend ?? ''} ${kind}`),
      ['clusterIP wrong-endpoint'],
    );
  });
});
