import assert from 'node:assert/strict';
import { parseNetwork, savedAddress } from '../../../src/core/ruleset/ip-network.ts';

describe('parseNetwork', () => {
  const printed: Readonly<Record<string, string | undefined>> = {
    '10.0.0.1': '10.0.0.1/32',
    '10.1.2.3/8': '10.0.0.0/8',
    '10.11.12.13/255.128.0.0': '10.0.0.0/9',
    '10.11.12.13/255.0.12.0': '10.0.12.0/255.0.12.0',
    '0/0': '0.0.0.0/0',
    '10.0.0.0/0.0.0.0': '0.0.0.0/0',
    '010.0.0.1': undefined,
    '::1': '::1/128',
    'FD00:0::1': 'fd00::1/128',
    'fd00::1/64': 'fd00::/64',
    'ffff::1/f0f0::': 'f0f0::/f0f0::',
    '::1.2.3.4': '::1.2.3.4/128',
    '::ffff:1.2.3.4': '::ffff:1.2.3.4/128',
    '1:0:2:3:4:5:6:7': '1:0:2:3:4:5:6:7/128',
    'x.x.x.x/32': undefined,
    '10.0.0.256': undefined,
    '10.0.0.0/33': undefined,
    '10.0.0.0/': undefined,
    '10.0.0.0/ffff::': undefined,
    'fd00::/129': undefined,
    '': undefined,
    '/8': undefined,
    '1.2.3.4,5.6.7.8': undefined,
  };
  for (const [given, expected] of Object.entries(printed)) {
    it(`reads ${given === '' ? 'nothing' : given} as iptables does`, () =>
      assert.equal(parseNetwork(given)?.text, expected));
  }

  it('gives the bits', () => {
    assert.deepEqual(parseNetwork('10.11.12.13/255.0.12.0'), {
      family: 'ipv4',
      base: 0x0a000c00n,
      mask: 0xff000c00n,
      prefix: undefined,
      text: '10.0.12.0/255.0.12.0',
    });
    assert.equal(parseNetwork('::ffff:1.2.3.4')?.base, 0xffff01020304n);
  });
});

describe('savedAddress', () => {
  it('prints addresses as iptables-save does', () => {
    assert.deepEqual(savedAddress('FD00:0:0::1'), { family: 'ipv6', text: 'fd00::1' });
    assert.deepEqual(savedAddress('1.2.3.4'), { family: 'ipv4', text: '1.2.3.4' });
    assert.equal(savedAddress('1.2.3'), undefined);
  });
});
