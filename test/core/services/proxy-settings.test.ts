import { strict as assert } from 'node:assert';
import type { Diagnostic } from '../../../src/core/diag/diagnostic.ts';
import type { IpFamily } from '../../../src/core/model/ip.ts';
import type { ProxyConfig } from '../../../src/core/model/proxy-config.ts';
import type { NodeFacts } from '../../../src/core/services/node-facts.ts';
import { proxySettings, type ProxySettings } from '../../../src/core/services/proxy-settings.ts';
import { cidr, ip, proxyConfig } from '../../support/builders.ts';

const NODE: NodeFacts = {
  name: 'node-a',
  zone: 'zone-a',
  ips: [ip('192.168.0.10'), ip('2001:db8::10')],
  localIps: ['127.0.0.1', '::1', '192.168.0.10', '2001:db8::10', '172.16.0.10', '10.0.0.9'].map(ip),
  podCidrs: [cidr('10.244.0.0/24'), cidr('fd00:1::/64')],
};

function settings(
  config: Partial<ProxyConfig> = {},
  family: IpFamily = 'ipv4',
): { settings: ProxySettings; codes: readonly string[] } {
  const diagnostics: Diagnostic[] = [];
  const found = proxySettings(proxyConfig(config), NODE, family, diagnostics);
  return { settings: found, codes: diagnostics.map((d) => d.code) };
}

describe('proxySettings', () => {
  it("have kube-proxy's defaults", () => {
    assert.deepEqual(settings(), {
      settings: {
        family: 'ipv4',
        nodeName: 'node-a',
        zone: 'zone-a',
        nodeIp: ip('192.168.0.10'),
        localDetector: { kind: 'none' },
        masqueradeAll: false,
        masqueradeMark: 0x4000,
        localhostNodePorts: true,
        nodePortAddresses: { kind: 'all-local' },
        tcpBeLiberal: false,
      },
      codes: [],
    });
    assert.equal(settings({}, 'ipv6').settings.localhostNodePorts, false);
    assert.deepEqual(settings({}, 'ipv6').settings.nodeIp, ip('2001:db8::10'));
  });

  it('make a mark of every bit', () => {
    const marks = [0, 1, 14, 31].map((masqueradeBit) => settings({ masqueradeBit }).settings.masqueradeMark);
    assert.deepEqual(marks, [1, 2, 0x4000, 0x8000_0000]);
  });

  describe('local detection', () => {
    const detector = (config: Partial<ProxyConfig>, family: IpFamily = 'ipv4'): unknown =>
      settings(config, family).settings.localDetector;
    const clusterCidrs = [cidr('10.244.0.0/16'), cidr('fd00::/56')];

    it('is by the CIDR of the family', () => {
      assert.deepEqual(detector({ clusterCidrs }), { kind: 'source', cidr: clusterCidrs[0] });
      assert.deepEqual(detector({ clusterCidrs }, 'ipv6'), { kind: 'source', cidr: clusterCidrs[1] });
      assert.deepEqual(detector({ clusterCidrs: clusterCidrs.slice(0, 1) }, 'ipv6'), { kind: 'none' });
    });

    it('is by the CIDR of the node', () => {
      const config: Partial<ProxyConfig> = { clusterCidrs, detectLocal: { mode: 'NodeCIDR' } };
      assert.deepEqual(detector(config), { kind: 'source', cidr: cidr('10.244.0.0/24') });
      assert.deepEqual(detector(config, 'ipv6'), { kind: 'source', cidr: cidr('fd00:1::/64') });
    });

    it('is by interface', () => {
      const bridge: Partial<ProxyConfig> = { detectLocal: { mode: 'BridgeInterface', interface: 'cni0' } };
      const prefix: Partial<ProxyConfig> = { detectLocal: { mode: 'InterfaceNamePrefix', prefix: 'veth' } };
      assert.deepEqual(detector(bridge), { kind: 'interface', name: 'cni0' });
      assert.deepEqual(detector(prefix, 'ipv6'), { kind: 'interface', name: 'veth+' });
    });
  });

  describe('nodePort addresses', () => {
    interface Row {
      readonly cidrs?: readonly string[];
      readonly primary?: boolean;
      readonly localhost?: boolean;
      readonly family?: IpFamily;
      /** Undefined: every local address. */
      readonly only?: readonly string[];
      readonly answersLocalhost?: boolean;
      readonly codes?: readonly string[];
    }
    const off = ['localhost-node-ports-off'];
    const rows: Readonly<Record<string, Row>> = {
      'none given': { answersLocalhost: true },
      'none given, localhost off': { localhost: false },
      'none given, IPv6': { family: 'ipv6' },
      some: { cidrs: ['192.168.0.0/24', '10.0.0.0/8'], only: ['10.0.0.9', '192.168.0.10'], codes: off },
      'of the other family': { cidrs: ['2001:db8::/32'], answersLocalhost: true },
      'of the other family, IPv6': { cidrs: ['192.168.0.0/24'], family: 'ipv6' },
      everything: { cidrs: ['192.168.0.0/24', '0.0.0.0/0'], answersLocalhost: true },
      'everything, IPv6': { cidrs: ['::/0'], family: 'ipv6' },
      'with loopback': {
        cidrs: ['127.0.0.0/8', '192.168.0.0/24'],
        only: ['127.0.0.1', '192.168.0.10'],
        answersLocalhost: true,
      },
      'with a part of loopback': { cidrs: ['127.0.0.1/32'], only: ['127.0.0.1'], answersLocalhost: true },
      'a range around loopback': { cidrs: ['0.0.0.0/1'], only: ['10.0.0.9', '127.0.0.1'], answersLocalhost: true },
      'with loopback, localhost off': {
        cidrs: ['127.0.0.0/8', '192.168.0.0/24'],
        localhost: false,
        only: ['192.168.0.10'],
      },
      'with loopback, IPv6': { cidrs: ['::1/128', '2001:db8::/32'], family: 'ipv6', only: ['2001:db8::10'] },
      primary: { primary: true, only: ['192.168.0.10'], codes: off },
      'primary, IPv6': { primary: true, family: 'ipv6', only: ['2001:db8::10'] },
      nowhere: { cidrs: ['203.0.113.0/24'], only: [], codes: [...off, 'node-port-addresses-unmatched'] },
    };
    for (const [name, row] of Object.entries(rows)) {
      it(name, () => {
        const { cidrs = [], primary = false, localhost = true, family = 'ipv4' } = row;
        const config = {
          nodePortAddresses: cidrs.map(cidr),
          nodePortPrimary: primary,
          localhostNodePorts: localhost,
        };
        const found = settings(config, family);
        const expected = row.only === undefined ? { kind: 'all-local' } : { kind: 'only', ips: row.only.map(ip) };
        assert.deepEqual(found.settings.nodePortAddresses, expected);
        assert.equal(found.settings.localhostNodePorts, row.answersLocalhost ?? false);
        assert.deepEqual(found.codes, row.codes ?? []);
      });
    }
  });
});
