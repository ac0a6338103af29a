import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { FieldPath } from '../../../../src/core/diag/source-location.ts';
import { decodeProxyConfig } from '../../../../src/core/model/config/decode-proxy-config.ts';
import { KUBE_PROXY_FIELDS, type FieldTable, type FieldType } from '../../../../src/core/model/config/field-table.ts';
import { ipvsSchedulers } from '../../../../src/core/model/ipvs-schedulers.ts';
import type { ProxyConfig } from '../../../../src/core/model/proxy-config.ts';

const DEFAULTS: ProxyConfig = {
  mode: 'iptables',
  clusterCidrs: [],
  detectLocal: { mode: 'ClusterCIDR' },
  masqueradeAll: false,
  masqueradeBit: 14,
  localhostNodePorts: true,
  nodePortAddresses: [],
  nodePortPrimary: false,
  tcpBeLiberal: false,
  allowExternalIps: true,
  hostnameOverride: undefined,
  bindAddress: undefined,
  ipvs: {
    scheduler: 'rr',
    excludeCidrs: [],
    strictArp: false,
    timeouts: { tcp: 0, tcpFin: 0, udp: 0 },
  },
};

/** The messages of what is refused; the config must be the default then. */
function refused(value: unknown): string[] {
  const { config, diagnostics } = decodeProxyConfig(value);
  assert.deepEqual(config, DEFAULTS);
  for (const d of diagnostics) assert.equal(d.severity, 'error');
  return diagnostics.map((d) => d.message);
}

function accepted(value: unknown): ProxyConfig {
  const { config, diagnostics } = decodeProxyConfig(value);
  assert.deepEqual(diagnostics, []);
  return config;
}

describe('decodeProxyConfig', () => {
  it('takes an empty file for all defaults', () => {
    for (const empty of [
      undefined,
      null,
      {},
      { iptables: null, clusterCIDR: null, mode: '', nodePortAddresses: null },
    ]) {
      assert.deepEqual(accepted(empty), DEFAULTS);
    }
  });

  it('reads every field that shapes rules', () => {
    const config = accepted({
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      mode: 'ipvs',
      clusterCIDR: '10.244.0.0/16,fd00:10:244::/56',
      detectLocalMode: 'BridgeInterface',
      detectLocal: { bridgeInterface: 'cni0' },
      iptables: { masqueradeAll: true, masqueradeBit: 15, localhostNodePorts: false },
      nftables: { masqueradeAll: false, masqueradeBit: 3 },
      nodePortAddresses: ['192.168.0.0/24', '::/0'],
      conntrack: { tcpBeLiberal: true },
      featureGates: { AllowServiceExternalIPs: false },
      hostnameOverride: ' Node-A ',
      bindAddress: '192.168.0.10',
      ipvs: {
        scheduler: 'mh',
        excludeCIDRs: ['10.9.0.0/16'],
        strictARP: true,
        tcpTimeout: '15m',
        tcpFinTimeout: '2m0.9s',
        udpTimeout: '300s',
      },
    });
    const excludeCidrs = config.ipvs.excludeCidrs.map((c) => c.text);
    assert.deepEqual(
      {
        ...config,
        clusterCidrs: config.clusterCidrs.map((c) => c.text),
        nodePortAddresses: [],
        ipvs: { ...config.ipvs, excludeCidrs },
      },
      {
        mode: 'ipvs',
        clusterCidrs: ['10.244.0.0/16', 'fd00:10:244::/56'],
        detectLocal: { mode: 'BridgeInterface', interface: 'cni0' },
        masqueradeAll: true,
        masqueradeBit: 15,
        localhostNodePorts: false,
        nodePortAddresses: [],
        nodePortPrimary: false,
        tcpBeLiberal: true,
        allowExternalIps: false,
        hostnameOverride: 'node-a',
        bindAddress: { family: 'ipv4', text: '192.168.0.10' },
        ipvs: {
          scheduler: 'mh',
          excludeCidrs: ['10.9.0.0/16'],
          strictArp: true,
          timeouts: { tcp: 900, tcpFin: 120, udp: 300 },
        },
      },
    );
    assert.deepEqual(
      config.nodePortAddresses.map((c) => c.text),
      ['192.168.0.0/24', '::/0'],
    );
  });

  it('checks the section ipvs in that mode only, as kube-proxy does', () => {
    const wrong = { scheduler: 'wlcc', excludeCIDRs: ['10.0.0.0'], tcpTimeout: '-1s', udpTimeout: '1000000h' };
    const { config, diagnostics } = decodeProxyConfig({ mode: 'ipvs', ipvs: wrong });
    assert.deepEqual(config, { ...DEFAULTS, mode: 'ipvs' });
    assert.deepEqual(
      diagnostics.map((d) => d.message.replace(/:.*/, '')),
      ['ipvs.scheduler', 'ipvs.excludeCIDRs', 'ipvs.tcpTimeout', 'ipvs.udpTimeout'],
    );
    assert.deepEqual(accepted({ ipvs: wrong }), DEFAULTS);
  });

  it('takes every scheduler of the kernel', () => {
    for (const scheduler of ipvsSchedulers) {
      assert.equal(accepted({ mode: 'ipvs', ipvs: { scheduler } }).ipvs.scheduler, scheduler);
    }
    assert.equal(accepted({ mode: 'ipvs', ipvs: { scheduler: '' } }).ipvs.scheduler, 'rr');
  });

  it('reads the section of the mode', () => {
    const nft = accepted({ mode: 'nftables', nftables: { masqueradeBit: 3 }, iptables: { masqueradeAll: true } });
    assert.equal(nft.masqueradeBit, 3);
    assert.equal(nft.masqueradeAll, false);
    assert.equal(nft.nodePortPrimary, true);
    assert.equal(accepted({ mode: 'nftables', nodePortAddresses: ['10.0.0.0/8'] }).nodePortPrimary, false);
  });

  it('accepts fields that shape no rules', () => {
    accepted({
      featureGates: { SomeGate: true },
      clientConnection: { kubeconfig: '/x', acceptContentTypes: '', contentType: '', qps: 0.5, burst: 0 },
      logging: {
        format: 'text',
        flushFrequency: 5_000_000_000,
        verbosity: 2,
        vmodule: [{ filePattern: 'a*', verbosity: 1 }],
        options: { json: { infoBufferSize: '0' }, text: { splitStream: false, infoBufferSize: 0 } },
      },
      iptables: { syncPeriod: '30s', minSyncPeriod: '1s' },
      ipvs: { syncPeriod: '0s', excludeCIDRs: null, strictARP: false, scheduler: '', tcpTimeout: '1h2m3.5s' },
      winkernel: { enableDSR: false, forwardHealthCheckVip: false, networkName: '', rootHnsEndpointName: '' },
      conntrack: { maxPerCore: null, min: 0, tcpEstablishedTimeout: '24h0m0s', udpTimeout: '0' },
      oomScoreAdj: -999,
      configSyncPeriod: '15m0s',
      portRange: '',
      windowsRunAsService: false,
      enableProfiling: false,
      bindAddressHardFail: false,
      metricsBindAddress: '',
      healthzBindAddress: '0.0.0.0:10256',
      showHiddenMetricsForVersion: '',
    });
  });

  it('refuses another kind', () => {
    for (const value of [
      [],
      'text',
      1,
      { kind: 'ConfigMap' },
      { kind: 7 },
      { apiVersion: 'kubeproxy.config.k8s.io/v1' },
    ]) {
      const { config, diagnostics } = decodeProxyConfig(value, { file: 'a.yaml' });
      assert.deepEqual(
        diagnostics.map((d) => d.code),
        ['config-wrong-kind'],
      );
      assert.deepEqual(config, DEFAULTS);
      assert.equal(diagnostics[0]?.location?.file, 'a.yaml');
    }
  });

  it('refuses unknown fields at every level and names a near one', () => {
    const { diagnostics } = decodeProxyConfig(
      {
        iptables: { masqueradeBits: 1 },
        ClusterCIDR: '',
        somethingElse: 1,
        constructor: 1,
        logging: { vmodule: [{ x: 1 }] },
      },
      { file: 'a.yaml', line: 3 },
    );
    assert.deepEqual(
      diagnostics.map((d) => [d.code, d.message, d.hint, d.location?.line]),
      [
        ['config-unknown-field', 'unknown field iptables.masqueradeBits', 'did you mean iptables.masqueradeBit?', 3],
        ['config-unknown-field', 'unknown field ClusterCIDR', 'did you mean clusterCIDR?', 3],
        ['config-unknown-field', 'unknown field somethingElse', undefined, 3],
        ['config-unknown-field', 'unknown field constructor', undefined, 3],
        ['config-unknown-field', 'unknown field logging.vmodule[0].x', undefined, 3],
      ],
    );
  });

  it('refuses values of the wrong type', () => {
    assert.deepEqual(refused({ iptables: [], mode: 3, nodePortAddresses: '10.0.0.0/8', featureGates: { A: 'true' } }), [
      'iptables: a list is not a mapping',
      'mode: 3 is not a string',
      'nodePortAddresses: "10.0.0.0/8" is not a list of strings',
      'featureGates.A: "true" is not true or false',
    ]);
    assert.deepEqual(refused({ iptables: { masqueradeAll: 'yes', syncPeriod: 30 }, conntrack: { min: 1.5 } }), [
      'iptables.masqueradeAll: "yes" is not true or false',
      'iptables.syncPeriod: 30 is not a duration such as "30s"',
      'conntrack.min: 1.5 is not a whole number from 0 to 2147483647',
    ]);
  });

  it('keeps the limits of kube-proxy', () => {
    for (const masqueradeBit of [-1, 32, 1.5, '14']) assert.equal(refused({ iptables: { masqueradeBit } }).length, 1);
    for (const clusterCIDR of [
      '10.0.0.0',
      '10.0.0.0/8, fd00::/8',
      '10.0.0.0/8,11.0.0.0/8',
      '1.0.0.0/8,fd00::/8,2.0.0.0/8',
      ',',
    ]) {
      assert.ok(refused({ clusterCIDR }).length > 0, clusterCIDR);
    }
    for (const nodePortAddresses of [['primary', '10.0.0.0/8'], ['primary', 'primary'], ['10.0.0.1'], ['Primary']]) {
      assert.equal(refused({ nodePortAddresses }).length, 1);
    }
    assert.equal(accepted({ nodePortAddresses: ['primary'] }).nodePortPrimary, true);
    assert.equal(refused({ oomScoreAdj: -1001 }).length, 1);
    assert.equal(refused({ bindAddress: 'localhost' }).length, 1);
    assert.equal(accepted({ bindAddress: '::' }).bindAddress, undefined);
    for (const hostnameOverride of [' ', 'a b', 'a_b', '-a', 'a.', 'x'.repeat(254)]) {
      assert.equal(refused({ hostnameOverride }).length, 1, hostnameOverride);
    }
    const { diagnostics } = decodeProxyConfig({ mode: 'iptable', detectLocalMode: 'clusterCIDR' });
    assert.deepEqual(
      diagnostics.map((d) => d.hint),
      ['did you mean iptables?', 'did you mean ClusterCIDR?'],
    );
    assert.equal(refused({ mode: 'kernelspace' }).length, 1);
  });

  it('lets only safe interface names through', () => {
    const bridge = (bridgeInterface: string) => ({
      detectLocalMode: 'BridgeInterface',
      detectLocal: { bridgeInterface },
    });
    const prefix = (interfaceNamePrefix: string) => ({
      detectLocalMode: 'InterfaceNamePrefix',
      detectLocal: { interfaceNamePrefix },
    });
    for (const bad of ['', 'a b', 'eth0\n-A', 'eth+', '!eth', 'a"b', 'x'.repeat(16)]) {
      assert.equal(refused(bridge(bad)).length, 1, bad);
      assert.equal(refused(prefix(bad)).length, 1, bad);
    }
    assert.equal(refused(prefix('x'.repeat(15))).length, 1);
    assert.deepEqual(accepted(bridge('x'.repeat(15))).detectLocal, {
      mode: 'BridgeInterface',
      interface: 'x'.repeat(15),
    });
    assert.deepEqual(accepted(prefix('veth.1_@-')).detectLocal, { mode: 'InterfaceNamePrefix', prefix: 'veth.1_@-' });
    assert.equal(refused({ detectLocalMode: 'BridgeInterface' }).length, 1);
    assert.deepEqual(accepted({ detectLocalMode: 'NodeCIDR' }).detectLocal, { mode: 'NodeCIDR' });
  });

  it('warns of an interface that the mode does not use', () => {
    const warnings = (fields: object): readonly string[] =>
      decodeProxyConfig(fields).diagnostics.map((d) => `${d.severity} ${d.message} ${d.hint}`);
    const detectLocal = { bridgeInterface: 'cni0', interfaceNamePrefix: '' };
    assert.deepEqual(warnings({ detectLocal, detectLocalMode: 'BridgeInterface' }), []);
    assert.deepEqual(warnings({ detectLocal }), [
      'warning detectLocal.bridgeInterface has no effect, since detectLocalMode is ClusterCIDR give --detect-local-mode BridgeInterface as well',
    ]);
    const both = { bridgeInterface: 'cni0', interfaceNamePrefix: 'veth' };
    assert.equal(warnings({ detectLocal: both, detectLocalMode: 'InterfaceNamePrefix' }).length, 1);
  });

  it('asks for the place of each field that is wrong', () => {
    const asked: FieldPath[] = [];
    const locate = (path: FieldPath): { file: string; line: number } => {
      asked.push(path);
      return { file: 'c', line: 9 };
    };
    const value = { iptables: { masqueradeBit: 99 }, nodePortAddresses: [5], modus: 'x' };
    const { diagnostics } = decodeProxyConfig(value, { file: 'c', line: 1, locate });
    assert.deepEqual(asked, [['iptables', 'masqueradeBit'], ['nodePortAddresses', 0], ['modus']]);
    assert.ok(diagnostics.every((d) => d.location?.line === 9));
  });

  it('never throws, whatever the JSON', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => void decodeProxyConfig(value)));
  });

  it('never throws on known fields with any values, and its config keeps the limits', () => {
    const anything = fc.oneof(
      fc.jsonValue({ maxDepth: 1 }),
      fc.constantFrom('10.0.0.0/8', 'primary', 'ipvs', 'a b', 31, 32),
    );
    const table = (fields: FieldTable): fc.Arbitrary<unknown> =>
      fc.record(Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, field(type)])), {
        requiredKeys: [],
      });
    const field = (type: FieldType): fc.Arbitrary<unknown> =>
      type.kind === 'mapping' ? fc.oneof(table(type.fields), anything) : fc.oneof(anything, fc.array(anything));
    const { apiVersion: _, kind: __, ...fields } = KUBE_PROXY_FIELDS;
    fc.assert(
      fc.property(table(fields), (value) => {
        const { config } = decodeProxyConfig(value);
        assert.ok(Number.isInteger(config.masqueradeBit) && config.masqueradeBit >= 0 && config.masqueradeBit <= 31);
        assert.ok(new Set(config.clusterCidrs.map((c) => c.family)).size === config.clusterCidrs.length);
        const { detectLocal } = config;
        if ('interface' in detectLocal) assert.match(detectLocal.interface, /^[A-Za-z0-9_.@-]{1,15}$/);
        if ('prefix' in detectLocal) assert.match(detectLocal.prefix, /^[A-Za-z0-9_.@-]{1,14}$/);
      }),
    );
  });
});
