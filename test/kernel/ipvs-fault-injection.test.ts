// The ipvs mode, as a command: every call of a program that it takes goes wrong once, in each way it can, and chainsmith is interrupted and killed at
// each, and between the datagrams of netlink. Afterwards the node has the old state or the new one; after a kill `undo` brings the old one back.
// What goes wrong within netlink itself is tried in ipvs-netlink-faults.test.ts.
import assert from 'node:assert/strict';
import { executorNames } from '../../src/host/ipvs/kube-ipvs.ts';
import type { Outcome } from './support/fault-trial.ts';
import { inParallel } from './support/in-parallel.ts';
import { signalTrials, toolTrials, type IpvsTrial } from './support/ipvs-fault-matrix.ts';
import type { Goal } from './support/ipvs-place.ts';
import type { IpvsRecording } from './support/ipvs-trial.ts';
import { useIpvsTrials } from './support/use-ipvs-trials.ts';

const AT_ONCE = 3;
/** They wait most of the time. */
const HANGING_AT_ONCE = 12;
const PREFIX = 'chainsmith-ipvsmatrix';
const OLD = 'loadbalancer-local';
const NEW = 'nodeport-local';
const WAYS: readonly (readonly [string, Goal, Goal])[] = [
  ['from the iptables mode', { name: OLD, mode: 'iptables' }, { name: OLD, mode: 'ipvs' }],
  ['from one state to another', { name: OLD, mode: 'ipvs' }, { name: NEW, mode: 'ipvs' }],
  ['to the iptables mode', { name: NEW, mode: 'ipvs' }, { name: NEW, mode: 'iptables' }],
];

interface Finding {
  readonly trial: IpvsTrial;
  readonly outcome: Outcome | undefined;
  readonly error: string;
}

describe('apply in ipvs mode, with one fault', function () {
  this.timeout(600_000);
  const context = useIpvsTrials(PREFIX);
  const counts = { old: 0, new: 0, killed: 0 };
  after(() => {
    const { old, new: next, killed } = counts;
    console.log(
      `    ${old + next + killed} faults injected: ${old} left the old state, ${next} the new one, ${killed} killed chainsmith`,
    );
  });

  async function tryOne(recording: IpvsRecording, trial: IpvsTrial): Promise<Finding> {
    try {
      const outcome = await context.trials.tryFaults(recording, trial.faults, trial.isHanging ? 3 : undefined);
      counts[outcome] += 1;
      return { trial, outcome, error: '' };
    } catch (error) {
      return { trial, outcome: undefined, error: error instanceof Error ? error.message : String(error) };
    }
  }

  for (const executor of executorNames) {
    for (const [i, [title, from, to]] of WAYS.entries()) {
      it(`leaves old or new: ${executor}, ${title}`, async () => {
        const recording = await context.trials.record({ executor, from, to });
        const all = executor === 'tools' ? toolTrials(recording, i === 1) : signalTrials(recording);
        assert.ok(all.length >= 40, `${all.length} faults`);
        const findings = [
          ...(await inParallel(all.filter(isHanging), HANGING_AT_ONCE, async (one) => await tryOne(recording, one))),
          ...(await inParallel(
            all.filter((one) => !isHanging(one)),
            AT_ONCE,
            async (one) => await tryOne(recording, one),
          )),
        ];
        const wrong = findings.filter(
          ({ trial, outcome }) => outcome === undefined || !trial.expected.includes(outcome),
        );
        assert.deepEqual(
          wrong.map(({ trial, outcome, error }) => `${trial.title}: ${outcome ?? error}`),
          [],
        );
      });
    }
  }
});

function isHanging(trial: IpvsTrial): boolean {
  return trial.isHanging;
}
