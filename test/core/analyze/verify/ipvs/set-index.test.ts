import assert from 'node:assert/strict';
import { SetIndex } from '../../../../../src/core/analyze/verify/ipvs/set-index.ts';
import { addressNumber } from '../../../../../src/core/analyze/verify/address-number.ts';
import { placeKeys, type Place } from '../../../../../src/core/analyze/verify/place.ts';
import { parseIpsetSave } from '../../../../../src/core/parse/ipset-save/parse-ipset-save.ts';
import type { SetMatch } from '../../../../../src/core/ruleset/match.ts';
import { ip } from '../../../../support/builders.ts';

const index = new SetIndex(
  parseIpsetSave(
    [
      'create PAIRS hash:ip,port family inet hashsize 1024 maxelem 65536',
      'add PAIRS 10.96.0.1,tcp:443',
      'add PAIRS 10.96.0.2,udp:53',
      'create RANGES hash:ip,port,net family inet hashsize 1024 maxelem 65536',
      'add RANGES 10.96.0.1,tcp:80,198.51.100.0/24',
      'add RANGES 10.96.0.1,tcp:80,203.0.113.7/32',
      'create PORTS bitmap:port range 0-65535',
      'add PORTS 30080',
      'create NETS hash:net family inet hashsize 1024 maxelem 65536',
      'add NETS 10.0.0.0/8',
      'create BUT hash:net family inet hashsize 1024 maxelem 65536',
      'add BUT 10.0.0.0/8',
      'add BUT 10.1.0.0/16 nomatch',
      'create SIX hash:ip family inet6 hashsize 1024 maxelem 65536',
      'add SIX fd00::a',
    ].join('\n'),
  ).sets,
  'ipv4',
);

function place(address: string, protocol: number, port: number | undefined): Place {
  const number = addressNumber(ip(address));
  return { id: 0, address: number, protocol, port, types: 1, ...placeKeys(number, protocol, port) };
}

/** What sources the rest asks: `any`, or the first and last address of each range. */
function sources(name: string, directions: SetMatch['directions'], to: Place): readonly string[] | undefined {
  const counters = { keepCounters: true, keepSubcounters: true, packets: undefined, bytes: undefined };
  const match: SetMatch = { kind: 'set', name, directions, negated: false, returnNomatch: false, ...counters };
  return index.sources(match, to)?.map(({ ranges }) => {
    return ranges === undefined ? 'any' : ranges.map(({ first, last }) => `${first}-${last}`).join();
  });
}

const TCP = 6;
const UDP = 17;
const SCTP = 132;

describe('SetIndex', () => {
  it('finds pairs of address and port, of their protocol alone', () => {
    assert.deepEqual(sources('PAIRS', ['dst', 'dst'], place('10.96.0.1', TCP, 443)), ['any']);
    assert.deepEqual(sources('PAIRS', ['dst', 'dst'], place('10.96.0.1', UDP, 443)), []);
    assert.deepEqual(sources('PAIRS', ['dst', 'dst'], place('10.96.0.1', TCP, 444)), []);
    assert.deepEqual(sources('PAIRS', ['dst', 'dst'], place('10.96.0.2', UDP, 53)), ['any']);
  });

  it('says which sources go with a destination', () => {
    const to = place('10.96.0.1', TCP, 80);
    const net = (text: string, size: bigint): string =>
      `${addressNumber(ip(text))}-${addressNumber(ip(text)) + size - 1n}`;
    assert.deepEqual(sources('RANGES', ['dst', 'dst', 'src'], to), [net('198.51.100.0', 256n), net('203.0.113.7', 1n)]);
    assert.deepEqual(sources('PAIRS', ['src', 'dst'], place('192.0.2.1', TCP, 443)), [net('10.96.0.1', 1n)]);
  });

  it('asks a bitmap of ports for TCP and UDP, whatever the address', () => {
    assert.deepEqual(sources('PORTS', ['dst'], place('192.0.2.1', TCP, 30_080)), ['any']);
    assert.deepEqual(sources('PORTS', ['dst'], place('192.0.2.1', UDP, 30_080)), ['any']);
    assert.deepEqual(sources('PORTS', ['dst'], place('192.0.2.1', SCTP, 30_080)), []);
    assert.deepEqual(sources('PORTS', ['dst'], place('192.0.2.1', 1, undefined)), []);
  });

  it('finds networks', () => {
    assert.deepEqual(sources('NETS', ['dst'], place('10.9.9.9', 1, undefined)), ['any']);
    assert.deepEqual(sources('NETS', ['dst'], place('11.0.0.1', 1, undefined)), []);
  });

  it('matches nothing where a rule names fewer parts, and nothing of the other family', () => {
    assert.deepEqual(sources('PAIRS', ['dst'], place('10.96.0.1', TCP, 443)), []);
    assert.deepEqual(sources('SIX', ['dst'], place('10.96.0.1', TCP, 443)), []);
  });

  it('does not say of sets that are not there, and of members that take back what others say', () => {
    assert.equal(sources('NONE', ['dst'], place('10.9.9.9', TCP, 1)), undefined);
    assert.equal(sources('BUT', ['dst'], place('10.9.9.9', TCP, 1)), undefined);
    assert.deepEqual([index.has('BUT'), index.has('NONE')], [true, false]);
  });
});
