import assert from 'node:assert/strict';
import { isWeightless, servedPart } from '../../../../../src/core/analyze/verify/ipvs/served-part.ts';
import { ServedPlaces, type Served } from '../../../../../src/core/analyze/verify/ipvs/served-places.ts';
import { parseIpvsadm } from '../../../../../src/core/parse/ipvsadm/parse-ipvsadm.ts';

function servedBy(scheduler: string): Served {
  const lines = [
    `-A -t 10.96.0.1:80 -s ${scheduler}`,
    '-a -t 10.96.0.1:80 -r 10.244.0.5:8080 -m -w 3',
    '-a -t 10.96.0.1:80 -r 10.244.0.6:8080 -m -w 1',
    '-a -t 10.96.0.1:80 -r 10.244.0.7:8080 -m -w 0',
  ];
  return new ServedPlaces(parseIpvsadm(lines.join('\n')).table, 'ipv4', []).all[0] ?? assert.fail();
}

const part = (scheduler: string, translation: string | undefined): ReturnType<typeof servedPart> =>
  servedPart({ served: servedBy(scheduler), translation });

describe('servedPart', () => {
  it('goes by weights, where the scheduler does', () => {
    assert.deepEqual(part('wrr', '10.244.0.5:8080'), { part: 3, whole: 4 });
    assert.deepEqual(part('wrr', '10.244.0.6:8080'), { part: 1, whole: 4 });
    assert.deepEqual(part('rr', '10.244.0.5:8080'), { part: 1, whole: 2 });
    assert.deepEqual(
      ['rr', 'wrr', 'lc', 'wlc', 'dh', 'sh'].map((scheduler) => isWeightless(servedBy(scheduler).server)),
      [true, false, true, false, true, false],
    );
  });

  it('is none of what takes no connections, and none where IPVS did not choose', () => {
    assert.equal(part('wrr', '10.244.0.7:8080'), undefined);
    assert.equal(part('wrr', undefined), undefined);
    assert.equal(servedPart({ served: undefined, translation: '10.244.0.5:8080' }), undefined);
  });
});
