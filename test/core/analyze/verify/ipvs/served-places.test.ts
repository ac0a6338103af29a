import assert from 'node:assert/strict';
import { ServedPlaces } from '../../../../../src/core/analyze/verify/ipvs/served-places.ts';
import { addressNumber } from '../../../../../src/core/analyze/verify/address-number.ts';
import { placeKeys, type Place } from '../../../../../src/core/analyze/verify/place.ts';
import { parseIpvsadm } from '../../../../../src/core/parse/ipvsadm/parse-ipvsadm.ts';
import { cidr, ip } from '../../../../support/builders.ts';

const { table } = parseIpvsadm(
  [
    '-A -t 10.96.0.1:80 -s rr',
    '-a -t 10.96.0.1:80 -r 10.244.0.5:8080 -m -w 1',
    '-a -t 10.96.0.1:80 -r 10.244.1.5:8080 -m -w 0',
    '-A -t 10.96.0.2:0 -s rr -p 300',
    '-a -t 10.96.0.2:0 -r 10.244.0.6:0 -g -w 1',
    '-A -t 10.96.0.3:0 -s rr -p 300',
    '-a -t 10.96.0.3:0 -r 10.244.0.7:0 -m -w 1',
    '-A -t 10.96.0.4:0 -s rr',
    '-a -t 10.96.0.4:0 -r 10.244.0.8:0 -m -w 1',
    '-A -t 192.0.2.1:5000 -s wlc',
    '-A -f 7 -s rr',
    '-A -t [fd00::a]:80 -s rr',
  ].join('\n'),
);
const places = new ServedPlaces(table, 'ipv4', [cidr('192.0.2.0/24')]);

function at(address: string, port: number | undefined, protocol = 6): Place {
  const number = addressNumber(ip(address));
  return { id: 0, address: number, protocol, port, types: 2, ...placeKeys(number, protocol, port) };
}

describe('ServedPlaces', () => {
  it('has the virtual servers of its family, but for those that are found by a mark', () => {
    assert.deepEqual(
      places.all.map(({ key }) => key),
      ['tcp 10.96.0.1:80', 'tcp 10.96.0.2:0', 'tcp 10.96.0.3:0', 'tcp 10.96.0.4:0', 'tcp 192.0.2.1:5000'],
    );
  });

  it('finds by address, protocol and port, and last one for all ports', () => {
    assert.equal(places.at(at('10.96.0.1', 80))?.key, 'tcp 10.96.0.1:80');
    assert.equal(places.at(at('10.96.0.1', 81)), undefined);
    assert.equal(places.at(at('10.96.0.1', 80, 17)), undefined);
    assert.equal(places.at(at('10.96.0.2', 81))?.key, 'tcp 10.96.0.2:0');
    assert.equal(places.at(at('10.96.0.2', undefined, 1)), undefined);
  });

  it('sends nothing new to a real server of weight 0, and does not follow what is not masqueraded', () => {
    assert.deepEqual(
      places.at(at('10.96.0.1', 80))?.targets.map(({ text, port }) => [text, port]),
      [['10.244.0.5:8080', 8080]],
    );
    const [routed] = places.at(at('10.96.0.2', 81))?.targets ?? [];
    assert.deepEqual([routed?.text, routed?.address], ['10.244.0.6:81 (route)', undefined]);
  });

  it('gives a connection to one for all ports its own port on both sides, and is the same for all of its packets', () => {
    const place = at('10.96.0.3', 81);
    const found = places.at(place) ?? assert.fail();
    assert.deepEqual([found.port, found.targets.map(({ text, port }) => [text, port])], [81, [['10.244.0.7:81', 81]]]);
    assert.equal(places.at(place), found);
    assert.equal(places.at(at('10.96.0.3', 82))?.port, 82);
  });

  it('sends nothing anywhere for all ports without persistence', () => {
    assert.deepEqual(places.at(at('10.96.0.4', 81))?.targets, []);
  });

  it("leaves kube-proxy's out for first packets where its rules are left out, and never somebody else's", () => {
    assert.equal(places.met(at('10.96.0.1', 80), 'NEW', true), undefined);
    assert.equal(places.met(at('10.96.0.1', 80), 'NEW', false)?.isForeign, false);
    assert.equal(places.met(at('10.96.0.1', 80), 'ESTABLISHED', true)?.isForeign, false);
    assert.equal(places.met(at('192.0.2.1', 5000), 'NEW', true)?.isForeign, true);
  });

  it('cuts at ports, or at whole addresses', () => {
    assert.deepEqual(
      places.points.map(({ port }) => port),
      [80, 5000],
    );
    const whole = ['10.96.0.2', '10.96.0.3', '10.96.0.4'].map((text) => addressNumber(ip(text)));
    assert.deepEqual(
      places.wholeAddresses,
      whole.map((address) => [{ first: address, last: address }]),
    );
  });
});
