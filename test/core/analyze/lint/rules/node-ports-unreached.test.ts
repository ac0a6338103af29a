import assert from 'node:assert/strict';
import { lintSnapshot } from '../../../../../src/cli/commands/lint-snapshot.ts';
import type { Finding } from '../../../../../src/core/analyze/lint/finding.ts';
import { lint } from '../../../../../src/core/analyze/lint/lint.ts';
import { nodePortsUnreached } from '../../../../../src/core/analyze/lint/rules/node-ports-unreached.ts';
import { parseIptablesSave } from '../../../../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { compiled } from '../../../../support/compiled.ts';
import type { JsonObject } from '../../../../support/json.ts';

const DOCUMENTS: readonly JsonObject[] = [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: {
      type: 'NodePort',
      clusterIP: '10.96.0.1',
      clusterIPs: ['10.96.0.1', 'fd00:96::1'],
      ipFamilies: ['IPv4', 'IPv6'],
      ports: [{ port: 80, nodePort: 30080, protocol: 'TCP' }],
    },
  },
  ...['10.244.1.1', 'fd00:10:244::1'].map((address, i) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `web-${i}`, labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: i === 0 ? 'IPv4' : 'IPv6',
    ports: [{ port: 8080, protocol: 'TCP' }],
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
  })),
];

/** Without the last rule of KUBE-SERVICES where `isLost`; of each family, what the rule finds. */
function found(
  config: JsonObject,
  isLost: boolean,
  withSnapshot: boolean,
  change: (text: string) => string = (text) => text,
): readonly Finding[] {
  const node = { node: 'node-a', nodeIps: ['192.168.0.10', 'fd00::10'] };
  const { texts } = compiled(DOCUMENTS, { ...node, config });
  const dumps = texts.map((text, i) => {
    const kept = text.split('\n').filter((line) => !isLost || !/^-A KUBE-SERVICES .*-j KUBE-NODEPORTS$/.test(line));
    return { file: `${i}`, ...parseIptablesSave(change(kept.join('\n'))) };
  });
  const { snapshot } = lintSnapshot(DOCUMENTS, { ...node, config });
  assert.ok(snapshot !== undefined);
  return lint({ dumps, snapshot: withSnapshot ? snapshot : undefined }, { rules: [nodePortsUnreached] });
}

function severities(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ severity, place }) => `${place?.family} ${severity}`);
}

describe('node-ports-unreached', () => {
  const elsewhere = { nodePortAddresses: ['203.0.113.0/24', '2001:db8::/64'] };

  it('finds nothing where the rule is there', () => {
    assert.deepEqual(found({}, false, false), []);
    assert.deepEqual(found({}, false, true), []);
  });

  it('is an error in a dump with rules for localhost, which are not made where no address matches', () => {
    assert.deepEqual(severities(found({}, true, false)), ['ipv4 error', 'ipv6 info']);
  });

  it('is a note where the kubelet may have made the rule for localhost', () => {
    const withKubelet = (text: string): string =>
      text.replace(':KUBE-FIREWALL', ':KUBE-KUBELET-CANARY - [0:0]\n:KUBE-FIREWALL');
    assert.deepEqual(severities(found({}, true, false, withKubelet)), ['ipv4 info', 'ipv6 info']);
  });

  it('is an error wherever the configuration says that node ports answer', () => {
    assert.deepEqual(severities(found({}, true, true)), ['ipv4 error', 'ipv6 error']);
    const here = { nodePortAddresses: ['192.168.0.0/24', 'fd00::/64'] };
    assert.deepEqual(severities(found(here, true, true)), ['ipv4 error', 'ipv6 error']);
  });

  it('is a note where no address of the node is in nodePortAddresses, or may be', () => {
    assert.deepEqual(severities(found(elsewhere, false, false)), ['ipv4 info', 'ipv6 info']);
    const told = found(elsewhere, false, true);
    assert.deepEqual(severities(told), ['ipv4 info', 'ipv6 info']);
    assert.match(told[0]?.message ?? '', /: no known address of the node is in nodePortAddresses$/);
  });
});
