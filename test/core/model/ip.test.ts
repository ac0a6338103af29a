import { strict as assert } from 'node:assert';
import { isIP } from 'node:net';
import * as fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import {
  cidrContains,
  familyBits,
  hostCidrText,
  ipFromNumber,
  ipToNumber,
  isLoopback,
  parseCidr,
  parseIp,
} from '../../../src/core/model/ip.ts';
import { cidr, ip } from '../../support/builders.ts';

/** Text that may be an address: pieces of addresses, put together at random. */
const piece = fc.constantFrom(
  '0',
  '1',
  '00',
  '255',
  '256',
  '10',
  'ffff',
  'FFFF',
  '1g',
  'a',
  '',
  '::',
  ':',
  '.',
  ' ',
  '%',
  '-1',
);
const anyText = fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(''));
const joined = (separator: string, max: number): fc.Arbitrary<string> =>
  fc.array(piece, { minLength: 1, maxLength: max }).map((parts) => parts.join(separator));
const candidate = fc.oneof(anyText, joined('.', 5), joined(':', 9), fc.ipV4(), fc.ipV6());

/** A number as Go and we read it in an IPv4 address: decimal, leading zeros allowed. Node refuses them, inet_aton reads octal. */
function withoutLeadingZeros(text: string): string {
  return text.includes(':') ? text : text.replaceAll(/(?<![0-9])0+(?=[0-9])/gu, '');
}

/** ipaddr.js takes ::1.2.3.4 for ::ffff:1.2.3.4; the table below has such texts instead. */
const ipV6 = fc.ipV6().filter((text) => !text.includes('.'));

describe('parseIp', () => {
  it('takes what node:net takes, and IPv4 with leading zeros', () => {
    const both = fc.property(candidate, (text) => {
      const known = withoutLeadingZeros(text);
      // Node takes zones of IPv6 (fe80::1%eth0), Kubernetes does not.
      return (parseIp(text) !== undefined) === (isIP(known) !== 0 && !text.includes('%'));
    });
    fc.assert(both, { numRuns: 20_000 });
  });

  it('prints IPv6 as ipaddr.js does (RFC 5952)', () => {
    const same = fc.property(ipV6, (text) => {
      const address = ipaddr.IPv6.parse(text);
      const expected = address.isIPv4MappedAddress() ? address.toIPv4Address().toString() : address.toRFC5952String();
      return parseIp(text)?.text === expected;
    });
    fc.assert(same, { numRuns: 5000 });
  });

  it('reads what it prints, and as a number and back', () => {
    const law = fc.property(fc.oneof(fc.ipV4(), ipV6), (text) => {
      const read = ip(text);
      assert.deepEqual(parseIp(read.text), read);
      assert.deepEqual(ipFromNumber(read.family, ipToNumber(read)), read);
      const bytes = ipaddr.parse(read.text).toByteArray();
      assert.equal(ipToNumber(read), BigInt(`0x${bytes.map((b) => b.toString(16).padStart(2, '0')).join('')}`));
    });
    fc.assert(law);
  });

  const known: readonly (readonly [text: string, canonical: string | undefined])[] = [
    ['010.0.0.008', '10.0.0.8'],
    ['0127.0.0.1', '127.0.0.1'],
    ['::', '::'],
    ['::1', '::1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::FFFF:0a00:0001', '10.0.0.1'],
    ['64:ff9b::10.0.0.1', '64:ff9b::a00:1'],
    ['::10.0.0.1', '::a00:1'],
    ['1.2.3', undefined],
    ['1.2.3.4.5', undefined],
    ['256.0.0.1', undefined],
    ['1.2.3.4 ', undefined],
    ['0x1.0.0.1', undefined],
    ['+1.0.0.1', undefined],
    ['1::2::3', undefined],
    ['1:2:3:4:5:6:7:8:9', undefined],
    ['1:2:3:4:5:6:7:8::', undefined],
    ['fe80::1%eth0', undefined],
    ['[::1]', undefined],
    ['12345::', undefined],
    [':', undefined],
    ['', undefined],
    ['１.2.3.4', undefined],
  ];
  for (const [text, canonical] of known) {
    it(`${JSON.stringify(text)}: ${canonical ?? 'no address'}`, () => assert.equal(parseIp(text)?.text, canonical));
  }
});

describe('parseCidr', () => {
  it('agrees with ipaddr.js on the network and on what is inside', () => {
    const network = fc.oneof(
      fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }), fc.ipV4()),
      fc.tuple(
        ipV6.filter((t) => !ipaddr.IPv6.parse(t).isIPv4MappedAddress()),
        fc.integer({ min: 0, max: 128 }),
        ipV6.filter((t) => !ipaddr.IPv6.parse(t).isIPv4MappedAddress()),
      ),
    );
    const law = fc.property(network, ([text, prefix, other]) => {
      const read = cidr(`${text}/${prefix}`);
      const oracle = ipaddr.parse(text);
      const base =
        oracle instanceof ipaddr.IPv4
          ? ipaddr.IPv4.networkAddressFromCIDR(`${text}/${prefix}`)
          : ipaddr.IPv6.networkAddressFromCIDR(`${ip(text).text}/${prefix}`);
      assert.equal(read.text, `${ip(base.toString()).text}/${prefix}`);
      assert.equal(cidrContains(read, ip(other)), ipaddr.parse(other).match(oracle, prefix));
      assert.equal(cidrContains(read, ip(text)), true);
    });
    fc.assert(law, { numRuns: 2000 });
  });

  const known: readonly (readonly [text: string, canonical: string | undefined])[] = [
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['10.0.0.1/32', '10.0.0.1/32'],
    ['fd00::ffff/112', 'fd00::/112'],
    ['::/0', '::/0'],
    ['010.0.0.0/08', '10.0.0.0/8'],
    ['10.0.0.0', undefined],
    ['10.0.0.0/33', undefined],
    ['fd00::/129', undefined],
    ['10.0.0.0/', undefined],
    ['10.0.0.0/-1', undefined],
    ['10.0.0.0/8/8', undefined],
    ['10.0.0.0/255.0.0.0', undefined],
    ['::ffff:10.0.0.0/104', undefined],
    [' 10.0.0.0/8', undefined],
    ['', undefined],
  ];
  for (const [text, canonical] of known) {
    it(`${JSON.stringify(text)}: ${canonical ?? 'no CIDR'}`, () => assert.equal(parseCidr(text)?.text, canonical));
  }

  it('never holds an address of the other family', () => {
    assert.equal(cidrContains(cidr('0.0.0.0/0'), ip('::1')), false);
    assert.equal(cidrContains(cidr('::/0'), ip('127.0.0.1')), false);
  });
});

describe('addresses', () => {
  it('are printed as single hosts', () => {
    assert.equal(hostCidrText(ip('10.0.0.1')), '10.0.0.1/32');
    assert.equal(hostCidrText(ip('fd00::1')), 'fd00::1/128');
    assert.deepEqual([familyBits('ipv4'), familyBits('ipv6')], [32, 128]);
  });

  it('of loopback are 127.0.0.0/8 and ::1', () => {
    const texts = ['127.0.0.1', '127.255.0.9', '::1', '128.0.0.1', '12.7.0.0', '::2', 'fd00::127'];
    assert.deepEqual(
      texts.filter((t) => isLoopback(ip(t))),
      ['127.0.0.1', '127.255.0.9', '::1'],
    );
  });
});
