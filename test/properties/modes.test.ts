import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { compareModes } from '../../src/core/analyze/modes/compare-modes.ts';
import { proxyConfigs, snapshots } from '../support/arbitraries.ts';
import { meantIpvs } from '../support/ipvs-verify.ts';
import { holds, metAtLeast } from '../support/law.ts';
import { modePackets, modeTracer, ToldModes } from '../support/mode-packets.ts';
import { meantRules } from '../support/verify.ts';

describe('the two modes of a snapshot', () => {
  let [told, shown] = [0, 0];

  it('differ as told, and in nothing else that a packet shows', () => {
    const cluster = snapshots({ explicit: true, maxServices: 4, maxEndpoints: 4 });
    const law = fc.property(cluster, proxyConfigs, fc.boolean(), (documents, config, six) => {
      const rules = meantRules(documents, { config })[six ? 1 : 0] ?? assert.fail();
      const { meaning, config: ipvsConfig, node } = meantIpvs(documents, { config })[six ? 1 : 0] ?? assert.fail();
      const traced = modeTracer(rules.text, node, meaning);
      const known = new ToldModes();
      for (const difference of compareModes({ ...rules.meaning, config: ipvsConfig })) {
        const fates = traced.fates(difference);
        assert.deepEqual(traced.example(difference.packet), fates, JSON.stringify(difference));
        known.add(difference, fates);
        told += 1;
      }
      for (const packet of modePackets(rules.meaning)) {
        const fates = traced.packet(packet);
        if (fates[0] === fates[1]) continue;
        shown += 1;
        const text = `${JSON.stringify(packet)}: ${fates.join(' -> ')}; told:\n${known.lines.join('\n')}`;
        assert.ok(known.has(packet, fates), text);
      }
    });
    holds(law, { runs: 300 });
  }).timeout(300_000);

  after(() => {
    metAtLeast(1000, told, 'differences that are told');
    metAtLeast(3000, shown, 'packets that show a difference');
  });
});
