import * as fc from 'fast-check';
import { proxyConfigs, snapshots } from '../support/arbitraries.ts';
import { compiled } from '../support/compiled.ts';
import { hostileJson } from '../support/hostile.ts';
import { deepFreeze } from '../support/json.ts';
import { holds } from '../support/law.ts';

describe('input', () => {
  it('is never written to: compiling deeply frozen documents and configurations does not throw', () => {
    const law = fc.property(snapshots({ conflicts: true }), hostileJson, proxyConfigs, (objects, other, config) => {
      compiled(deepFreeze([...objects, other]), { config: deepFreeze(config) });
    });
    holds(law, { runs: 150 });
  });
});
