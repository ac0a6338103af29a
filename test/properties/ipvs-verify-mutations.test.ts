import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { proxyConfigs, snapshots } from '../support/arbitraries.ts';
import { confirmIpvs, tracedDifference } from '../support/ipvs-confirm.ts';
import { ipvsMutations, mutateNode } from '../support/ipvs-mutations.ts';
import { meantIpvs, verifyIpvs } from '../support/ipvs-verify.ts';
import { holds } from '../support/law.ts';
import { brief } from '../support/verify.ts';

const counts = { refuted: 0, confirmed: 0, proved: 0 };

/** Packets that are traced where a fault is said to be without effect. */
const TRACED = 200;

describe('a single fault in the rules, sets or virtual servers of a right node', () => {
  it('is refuted by a packet, or proved to be without effect', () => {
    const faults = fc.array(ipvsMutations, { minLength: 14, maxLength: 14 });
    const cluster = snapshots({ explicit: true, maxServices: 3, maxEndpoints: 4 });
    const property = fc.property(cluster, proxyConfigs, faults, fc.boolean(), (documents, config, list, six) => {
      const meant = meantIpvs(documents, { config })[six ? 1 : 0] ?? assert.fail();
      const { node, meaning } = meant;
      const whole = verifyIpvs(node, meant);
      assert.equal(whole.verdict, 'proved', brief(whole));
      for (const fault of list) {
        const mutated = mutateNode(node, fault);
        if (mutated === undefined) continue;
        const result = verifyIpvs(mutated.node, meant);
        assert.notEqual(result.verdict, 'undecided', `${mutated.what}\n${brief(result)}`);
        if (result.verdict === 'refuted') {
          counts.refuted += 1;
          for (const difference of result.differences.slice(0, 3)) {
            const answer = confirmIpvs(difference, mutated.node, node, meaning);
            if (answer === true) counts.confirmed += 1;
            else
              assert.equal(
                answer,
                undefined,
                `${mutated.what}\n${difference.kind}: ${String(answer)}\n${brief(result)}`,
              );
          }
        } else {
          counts.proved += 1;
          const options = { count: TRACED, seed: fault.value };
          assert.equal(
            tracedDifference(node, mutated.node, meaning, options),
            undefined,
            `proved to be without effect: ${mutated.what}`,
          );
        }
      }
    });
    holds(property, { runs: 90 });
  }).timeout(300_000);

  after(() => {
    if (process.env['FC_PATH'] !== undefined || process.env['FC_RUNS'] !== undefined) return;
    assert.ok(counts.refuted + counts.proved >= 400, `only ${counts.refuted + counts.proved} faults`);
    assert.ok(counts.confirmed > counts.refuted * 0.8, `only ${counts.confirmed} of ${counts.refuted} confirmed`);
  });
});
