import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { goesTo, LOCAL, MULTICAST, type Place } from '../../../../src/core/analyze/verify/place.ts';
import { Places } from '../../../../src/core/analyze/verify/places.ts';
import { Programs } from '../../../../src/core/analyze/verify/programs.ts';
import { makeSetting } from '../../../../src/core/analyze/verify/setting.ts';
import { parseNetwork } from '../../../../src/core/ruleset/ip-network.ts';
import { parseIptablesSave } from '../../../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { holds } from '../../../support/law.ts';

const addresses = ['10.0.0.1', '10.0.0.2', '10.0.1.0', '127.0.0.1', '224.0.0.9', '198.51.100.1'];
const ports = [1, 52, 53, 54, 80, 8080, 65_535];

const rule = fc
  .record({
    not: fc.constantFrom('', '! '),
    to: fc.constantFrom('', ...addresses, '10.0.0.0/24', '10.0.0.0/8', '10.0.0.0/255.0.255.0', '0.0.0.0/1'),
    protocol: fc.constantFrom('tcp', 'udp'),
    port: fc.constantFrom('', '53', '80', '53:80', '1024:65535'),
    notPort: fc.constantFrom('', '! '),
    ports: fc.constantFrom('', '-m multiport --dports 80,8080:9000 ', '-m multiport --ports 53 '),
  })
  .map(({ not, to, protocol, port, notPort, ports: list }) => {
    const destination = to === '' ? '' : `${not}-d ${to} `;
    const own = port === '' ? '' : `-m ${protocol} ${notPort}--dport ${port} `;
    return `-A FORWARD ${destination}-p ${protocol} ${own}${list}-j ACCEPT`;
  });

function placesOf(rules: readonly string[]): { readonly places: Places; readonly programs: Programs } {
  const text = `*filter\n:FORWARD ACCEPT [0:0]\n${rules.join('\n')}\nCOMMIT\n`;
  const programs = new Programs(parseIptablesSave(text, { family: 'ipv4' }).ruleset);
  const { facts } = makeSetting({ family: 'ipv4', rules: programs.rules, localAddresses: [], mostNodes: 10_000 });
  return { places: new Places(programs.rules, facts), programs };
}

describe('classes of destinations', () => {
  it('are told apart by no rule, and every destination is in one that is listed', () => {
    const property = fc.property(fc.array(rule, { maxLength: 6 }), (rules) => {
      const { places, programs } = placesOf(rules);
      const listed = new Map<number, Place>([...places.all()].map((place) => [place.id, place]));
      const signature = (place: Place): string =>
        programs.rules.map(({ destination }) => goesTo(destination, place)).join();
      for (const text of [...addresses, '203.0.113.5', '10.0.7.1']) {
        for (const protocol of [6, 17, 132]) {
          for (const port of ports) {
            const address = parseNetwork(text)?.base ?? 0n;
            const place = places.of(address, protocol, port);
            assert.ok(listed.has(place.id), `${text}:${port}/${protocol} is in no listed class`);
            assert.equal(
              signature(place),
              signature({ ...place, address, protocol, port }),
              `${text}:${port}/${protocol}`,
            );
          }
        }
      }
    });
    holds(property, { runs: 200 });
  });

  it('know what routing makes of their addresses', () => {
    const { places } = placesOf([]);
    const typesOf = (text: string): number => places.of(parseNetwork(text)?.base ?? 0n, 6, 80).types;
    assert.equal(typesOf('127.8.8.8'), LOCAL);
    assert.equal(typesOf('224.0.0.1'), MULTICAST);
    assert.notEqual(typesOf('10.0.0.1') & LOCAL, 0);
  });

  it('are few where rules are many', () => {
    const many = Array.from(
      { length: 5000 },
      (_, i) => `-A FORWARD -d 10.96.${i >> 8}.${i & 255}/32 -p tcp -m tcp --dport 80 -j ACCEPT`,
    );
    const { places } = placesOf(many);
    assert.ok([...places.all()].length < 5200);
  });
});
