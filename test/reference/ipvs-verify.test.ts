import { strict as assert } from 'node:assert';
import { readIpvsTexts } from '../support/ipvs-case.ts';
import { ipvsCases, isUnfinished } from '../support/ipvs-reference.ts';
import { meantIpvs, verifyIpvs } from '../support/ipvs-verify.ts';
import { brief } from '../support/verify.ts';

describe('verify, of what kube-proxy v1.36.2 programmed in ipvs mode', () => {
  it('has 39 cases', () => assert.ok(ipvsCases.length >= 39));

  for (const name of ipvsCases) {
    it(`proves ${name}`, () => {
      const { rules, sets, ipvs, config, snapshot } = readIpvsTexts(name);
      const families = meantIpvs([snapshot], { config });
      assert.equal(families.length, 2);
      for (const { meaning, config: own, node } of families) {
        const recorded = { rules: rules[meaning.family], sets, servers: ipvs };
        for (const one of isUnfinished(recorded.rules) ? [node] : [recorded, node]) {
          const result = verifyIpvs(one, { meaning, config: own });
          assert.equal(result.verdict, 'proved', `${meaning.family}: ${brief(result)}`);
        }
      }
    });
  }
});
