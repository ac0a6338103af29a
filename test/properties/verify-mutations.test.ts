import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { Difference } from '../../src/core/analyze/verify/difference.ts';
import type { FamilyMeaning } from '../../src/core/compile/read-meaning.ts';
import { proxyConfigs, snapshots } from '../support/arbitraries.ts';
import { holds } from '../support/law.ts';
import { mutate, mutations, type Mutated } from '../support/mutations.ts';
import { confirmByWalker, someRepresentatives, walkedDifference } from '../support/verify-confirm.ts';
import { confirmByTrace } from '../support/verify-confirm-trace.ts';
import { brief, meantRules, verifyText } from '../support/verify.ts';

/**
 * Whether a second program agrees with a difference: true, what it says instead, or undefined if it cannot follow the packet.
 */
type Confirm = (
  difference: Difference,
  changed: string,
  right: string,
  meaning: FamilyMeaning,
) => string | boolean | undefined;

const confirms: readonly Confirm[] = [confirmByWalker, confirmByTrace];

/** Of the packets that rules name, so many are walked where a fault is said to have none but harmless effects. */
const WALKED = 300;

const counts = { refuted: 0, confirmed: 0, proved: 0, walked: 0 };

/** The walker knows kube-proxy's own forms of rules only; a fault may be another. */
function tried<T>(check: () => T): T | undefined {
  try {
    return check();
  } catch (error) {
    const isUnknown =
      error instanceof Error &&
      /does not know|no rule fills|MASQUERADE in|DNAT in|there is no chain/u.test(error.message);
    if (isUnknown) return undefined;
    throw error;
  }
}

function checkRefuted(
  differences: readonly Difference[],
  { text: changed, what }: Mutated,
  right: string,
  meaning: FamilyMeaning,
): void {
  counts.refuted += 1;
  for (const difference of differences.slice(0, 3)) {
    for (const confirm of confirms) {
      const answer = tried(() => confirm(difference, changed, right, meaning));
      if (answer === true) counts.confirmed += 1;
      else assert.equal(answer, undefined, `${what}\n${difference.kind}: ${String(answer)}`);
    }
  }
}

function checkProved({ text: changed, what }: Mutated, right: string, meaning: FamilyMeaning, seed: number): void {
  counts.proved += 1;
  // A rule of others, which this one has become, may do what it likes with packets of no Service.
  if (/now: -A (?:INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING) (?!.*KUBE-)(?!.*kubernetes)/u.test(what)) return;
  const some = someRepresentatives([right, changed], meaning, WALKED, seed);
  const answer = tried(() => walkedDifference(right, changed, some, meaning) ?? 'none');
  if (answer === undefined) return;
  counts.walked += 1;
  assert.equal(answer, 'none', `proved to be without effect: ${what}`);
}

describe('a single fault in right rules', () => {
  it('is refuted by a packet, or proved to be without effect', () => {
    const faults = fc.array(mutations, { minLength: 20, maxLength: 20 });
    const cluster = snapshots({ explicit: true, maxServices: 3, maxEndpoints: 4 });
    const property = fc.property(cluster, proxyConfigs, faults, fc.boolean(), (documents, config, list, six) => {
      const { meaning, text } = meantRules(documents, { config })[six ? 1 : 0] ?? assert.fail();
      for (const fault of list) {
        const mutated = mutate(text, fault);
        if (mutated === undefined) continue;
        const result = verifyText(mutated.text, meaning);
        assert.notEqual(result.verdict, 'undecided', `${mutated.what}\n${brief(result)}`);
        if (result.verdict === 'refuted') checkRefuted(result.differences, mutated, text, meaning);
        else checkProved(mutated, text, meaning, fault.value);
      }
    });
    holds(property, { runs: 125 });
  }).timeout(300_000);

  after(() => {
    if (process.env['FC_PATH'] !== undefined || process.env['FC_RUNS'] !== undefined) return;
    assert.ok(counts.refuted + counts.proved >= 2000, `only ${counts.refuted + counts.proved} faults`);
    assert.ok(
      counts.confirmed > counts.refuted,
      `only ${counts.confirmed} differences of ${counts.refuted} faults were confirmed`,
    );
    assert.ok(
      counts.walked > counts.proved * 0.8,
      `only ${counts.walked} of ${counts.proved} harmless faults were walked`,
    );
  });
});
