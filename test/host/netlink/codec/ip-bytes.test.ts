import assert from 'node:assert/strict';
import { parseIp } from '../../../../src/core/model/ip.ts';
import { ipFamilyOf, ipFromBytes, ipToBytes } from '../../../../src/host/netlink/codec/ip-bytes.ts';
import { MalformedNetlink } from '../../../../src/host/netlink/codec/malformed.ts';

const TABLE: readonly (readonly [text: string, hex: string])[] = [
  ['0.0.0.0', '00000000'],
  ['10.96.0.1', '0a600001'],
  ['255.255.255.255', 'ffffffff'],
  ['::', '00000000000000000000000000000000'],
  ['::1', '00000000000000000000000000000001'],
  ['fd00:96::a', 'fd00009600000000000000000000000a'],
  ['2001:db8:1:2:3:4:5:6', '20010db8000100020003000400050006'],
];

describe('addresses in netlink', () => {
  for (const [text, hex] of TABLE) {
    it(`has ${text} in ${hex.length / 2} bytes`, () => {
      const ip = parseIp(text);
      assert.ok(ip !== undefined);
      assert.equal(Buffer.from(ipToBytes(ip)).toString('hex'), hex);
      assert.deepEqual(ipFromBytes(Buffer.from(hex, 'hex')), ip);
    });
  }

  it('keeps an IPv6 address that holds an IPv4 one', () => {
    const bytes = Buffer.from('00000000000000000000ffff01020304', 'hex');
    const ip = ipFromBytes(bytes);
    assert.deepEqual(ip, { family: 'ipv6', text: '::ffff:102:304' });
    assert.deepEqual(Buffer.from(ipToBytes(ip)), bytes);
  });

  it('refuses other sizes', () => {
    for (const size of [0, 3, 5, 15, 17]) assert.throws(() => ipFromBytes(new Uint8Array(size)), MalformedNetlink);
  });

  it('knows the numbers of both families, and of no other', () => {
    assert.deepEqual([0, 2, 10, 7].map(ipFamilyOf), [undefined, 'ipv4', 'ipv6', undefined]);
  });
});
