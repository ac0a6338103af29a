import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { policyChain } from '../../src/core/compile/iptables/service-chains.ts';
import { decodeProxyConfig } from '../../src/core/model/config/decode-proxy-config.ts';
import type { Endpoint } from '../../src/core/services/endpoint.ts';
import { proxySettings } from '../../src/core/services/proxy-settings.ts';
import type { ServicePortEntry } from '../../src/core/services/service-port.ts';
import { proxyConfigs, snapshots } from '../support/arbitraries.ts';
import { servicePort } from '../support/builders.ts';
import { compiled } from '../support/compiled.ts';
import { holds } from '../support/law.ts';
import { readRules } from '../support/rules-text.ts';
import { assertUniform, KERNEL_ONE, thresholdsOf } from '../support/shares.ts';

const node = { name: 'node-a', zone: undefined, ips: [], localIps: [], podCidrs: [] };
const settings = proxySettings(decodeProxyConfig({}).config, node, 'ipv4', []);
const features = { nfacct: false, randomFully: true };

const endpoints = Array.from({ length: 120_000 }, (_, i): Endpoint => {
  const text = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
  const state = { ready: true, serving: true, terminating: false, local: true, zoneHints: [], nodeHints: [] };
  return { ip: { family: 'ipv4', text }, port: 80, text: `${text}:80`, ...state };
});
const names = new Map(endpoints.map((e, i) => [e.text, `KUBE-SEP-${i}`]));

/** The rules of a Service with so many endpoints, from the template. */
function rulesFor(n: number): readonly string[] {
  const some = endpoints.slice(0, n);
  const port: ServicePortEntry = {
    ...servicePort(),
    clusterEndpoints: some,
    localEndpoints: [],
    reachableEndpoints: some,
    endpointsOnNode: [],
    servingEndpoints: [],
    hasEndpoints: true,
  };
  const context = { settings, features, comments: false, templates: undefined };
  return policyChain('KUBE-SVC', port, 'KUBE-SVC-X', names, context).rules.split('\n').slice(0, -1);
}

describe('uniform distribution', () => {
  it('holds for every number of endpoints up to 2000, and for some up to 120000', () => {
    const numbers = [
      ...Array.from({ length: 2000 }, (_, i) => i + 1),
      2048,
      4095,
      4096,
      10_000,
      32_768,
      65_536,
      120_000,
    ];
    for (const n of numbers) {
      const thresholds = thresholdsOf(rulesFor(n));
      assert.equal(thresholds.length, n);
      assertUniform(thresholds, `${n} endpoints`);
    }
  });

  it('would be seen to fail (a rule that takes one unit too much for three endpoints, or none for the rest)', () => {
    const third = Math.round(KERNEL_ONE / 3);
    assert.throws(() => assertUniform([third + 4, KERNEL_ONE / 2, KERNEL_ONE], 'too much'));
    assert.throws(() => assertUniform([third, KERNEL_ONE / 2], 'something is left'));
    assert.throws(() => assertUniform([KERNEL_ONE, KERNEL_ONE], 'nothing is left'));
  });

  it('holds in every chain that chooses among endpoints', () => {
    holds(
      fc.property(snapshots({ maxEndpoints: 12, conflicts: true }), proxyConfigs, (objects, config) => {
        for (const text of compiled(objects, { config }).texts) {
          for (const { name, rules } of readRules(text)) {
            if (/^KUBE-SV[CL]-/.test(name)) assertUniform(thresholdsOf(rules), name);
          }
        }
      }),
      { runs: 150 },
    );
  });
});
