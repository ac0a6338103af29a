import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { proxyConfigs, snapshots } from '../support/arbitraries.ts';
import { holds } from '../support/law.ts';
import { brief, meantRules, verifyText } from '../support/verify.ts';

describe('what chainsmith compiles', () => {
  it('is proved to do what the Services say, whatever they and the configuration are', () => {
    const options = fc.record({
      localIps: fc.subarray(['192.168.0.77', '10.244.0.1', 'fd00:99::1']),
      nfacct: fc.boolean(),
    });
    const property = fc.property(snapshots({ conflicts: true }), proxyConfigs, options, (documents, config, more) => {
      for (const { meaning, text } of meantRules(documents, { config, ...more })) {
        const result = verifyText(text, meaning);
        assert.equal(result.verdict, 'proved', brief(result));
      }
    });
    holds(property, { runs: 1000 });
  }).timeout(180_000);
});
