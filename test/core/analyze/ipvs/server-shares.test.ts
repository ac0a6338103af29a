import assert from 'node:assert/strict';
import { schedulerWords } from '../../../../src/core/analyze/ipvs/scheduler-words.ts';
import { serverShares } from '../../../../src/core/analyze/ipvs/server-shares.ts';
import { parseIpvsadm } from '../../../../src/core/parse/ipvsadm/parse-ipvsadm.ts';

/** `10.244.0.N 1/2` of real servers with these weights, N from 1. */
function shares(scheduler: string, ...weights: readonly number[]): readonly string[] {
  const lines = weights.map((weight, i) => `-a -t 10.96.0.1:80 -r 10.244.0.${i + 1}:80 -m -w ${weight}`);
  const [server] = parseIpvsadm([`-A -t 10.96.0.1:80 -s ${scheduler}`, ...lines].join('\n')).table.virtualServers;
  assert.ok(server !== undefined && server.realServers.length === weights.length);
  return serverShares(server).map(({ server: { ip }, part, whole }) => `${ip.text} ${part}/${whole}`);
}

describe('serverShares', () => {
  it('gives nothing to real servers of weight 0, and is empty where there are no others', () => {
    for (const scheduler of ['rr', 'wrr', 'sh', 'fo', 'unheard-of']) {
      assert.deepEqual(shares(scheduler, 0, 1), ['10.244.0.2 1/1'], scheduler);
      assert.deepEqual([shares(scheduler, 0, 0), shares(scheduler)], [[], []], scheduler);
    }
  });

  it('goes by weights where the scheduler does', () => {
    for (const scheduler of ['rr', 'lc', 'dh']) {
      assert.deepEqual(shares(scheduler, 3, 1), ['10.244.0.1 1/2', '10.244.0.2 1/2'], scheduler);
    }
    for (const scheduler of ['wrr', 'wlc', 'sh', 'mh', 'twos', 'unheard-of']) {
      assert.deepEqual(shares(scheduler, 3, 1), ['10.244.0.1 3/4', '10.244.0.2 1/4'], scheduler);
    }
  });

  it('gives all to one where the scheduler fails over', () => {
    for (const scheduler of ['fo', 'ovf']) {
      assert.deepEqual(shares(scheduler, 1, 5, 5), ['10.244.0.2 1/1'], scheduler);
    }
  });
});

describe('schedulerWords', () => {
  it('has words for each scheduler of the kernel, and says so of others', () => {
    const all = ['rr', 'wrr', 'lc', 'wlc', 'lblc', 'lblcr', 'dh', 'sh', 'mh', 'sed', 'nq', 'fo', 'ovf', 'twos'];
    assert.equal(schedulerWords('rr'), 'one after the other');
    assert.equal(schedulerWords('rrr'), 'how it chooses is not known here');
    for (const name of all) assert.notEqual(schedulerWords(name), schedulerWords('rrr'), name);
  });
});
