// An apply fails half way, and then a call of the way back fails too: everything is tried twice, so the node still gets its old rules.
import assert from 'node:assert/strict';
import type { Variant } from '../../src/host/iptables/tools.ts';
import type { Fault, Faults } from './support/fault-tools.ts';
import { record, tryFaults } from './support/fault-trial.ts';
import { inParallel } from './support/in-parallel.ts';
import { useTrials } from './support/use-trials.ts';
import { VARIANTS } from './support/kernel-lab.ts';

const PREFIX = 'chainsmith-putback';

/** The second family fails when the first one is loaded: with one of its tables loaded, or all of them. */
const FIRST: Readonly<Record<Variant, Fault>> = { nft: 'first-table', legacy: 'exit-late' };
const SECOND: readonly Fault[] = ['exit', 'empty', 'kill-late', 'signal-INT'];
const SECOND_IN_OUTPUT: readonly Fault[] = ['cut', 'noise'];

describe('apply, with a fault on the way back', function () {
  this.timeout(200_000);
  const context = useTrials(PREFIX);
  let injected = 0;

  after(() => {
    console.log(`    ${injected} faults injected into the way back`);
  });

  for (const variant of VARIANTS) {
    const first = FIRST[variant];
    it(`leaves the old rules: iptables-${variant}, ${first} of the second family`, async () => {
      const scene = { variant, before: 'loaded' } as const;
      const recording = await record(context, scene);
      const commit = commitOf(variant, recording.calls);
      const failing = await record(context, scene, { [commit]: first });
      const back = failing.calls.filter((call) => !recording.calls.includes(call) && !call.startsWith('nsenter'));
      assert.ok(back.length >= 5, back.join());
      const pairs = back.flatMap((call) => faultsOf(call).map((fault): Faults => ({ [commit]: first, [call]: fault })));
      const outcomes = await inParallel(pairs, 4, async (faults) => {
        try {
          return await tryFaults(context, recording, faults);
        } catch (error) {
          throw new Error(JSON.stringify(faults), { cause: error });
        }
      });
      assert.deepEqual(new Set(outcomes), new Set(['old']));
      injected += pairs.length;
    });
  }
});

function commitOf(variant: Variant, calls: readonly string[]): string {
  const commit = calls.find((call) => call.startsWith(`ip6tables-${variant}-restore_--noflush`));
  assert.ok(commit);
  return commit;
}

function faultsOf(call: string): readonly Fault[] {
  return /-save|^cat/.test(call) ? [...SECOND, ...SECOND_IN_OUTPUT] : SECOND;
}
