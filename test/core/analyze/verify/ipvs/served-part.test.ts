import assert from 'node:assert/strict';
import { isWeightless, servedPart } from '../../../../../src/core/analyze/verify/ipvs/served-part.ts';
import { ServedPlaces, type Served } from '../../../../../src/core/analyze/verify/ipvs/served-places.ts';
import { addressNumber } from '../../../../../src/core/analyze/verify/address-number.ts';
import { placeKeys } from '../../../../../src/core/analyze/verify/place.ts';
import { parseIpvsadm } from '../../../../../src/core/parse/ipvsadm/parse-ipvsadm.ts';
import { ip } from '../../../../support/builders.ts';

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

  it('takes real servers that differ in their ports for one, where all ports are meant', () => {
    const lines = [
      '-A -t 10.96.0.1:0 -s wrr -p 300',
      '-a -t 10.96.0.1:0 -r 10.244.0.5:8080 -m -w 1',
      '-a -t 10.96.0.1:0 -r 10.244.0.5:9090 -m -w 5',
      '-a -t 10.96.0.1:0 -r 10.244.0.6:8080 -m -w 1',
    ];
    const places = new ServedPlaces(parseIpvsadm(lines.join('\n')).table, 'ipv4', []);
    const address = addressNumber(ip('10.96.0.1'));
    const place = { id: 0, address, protocol: 6, port: 80, types: 2, ...placeKeys(address, 6, 80) };
    const served = places.at(place) ?? assert.fail();
    assert.deepEqual(
      served.targets.map(({ text }) => [text, servedPart({ served, translation: text })]),
      [
        ['10.244.0.5:80', { part: 6, whole: 7 }],
        ['10.244.0.6:80', { part: 1, whole: 7 }],
      ],
    );
  });

  it('is none of what takes no connections, and none where IPVS did not choose', () => {
    assert.equal(part('wrr', '10.244.0.7:8080'), undefined);
    assert.equal(part('wrr', undefined), undefined);
    assert.equal(servedPart({ served: undefined, translation: '10.244.0.5:8080' }), undefined);
  });
});
