import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { decode } from '../../src/core/analyze/decode/decode.ts';
import { compile } from '../../src/core/compile/compile.ts';
import { printRules } from '../../src/core/compile/print-rules.ts';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { proxyConfigs, snapshots } from '../support/arbitraries.ts';
import { decodingFaults, expectedView, foundView } from '../support/decoded-view.ts';
import type { JsonObject } from '../support/json.ts';
import { holds } from '../support/law.ts';
import { serviceTables } from '../support/service-tables.ts';

const slice = (endpoints: readonly JsonObject[]): JsonObject => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'web-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
  addressType: 'IPv4',
  ports: [{ name: 'http', protocol: 'TCP', port: 8000 }],
  endpoints,
});

/** A counterexample once: an endpoint of the policy Local alone stands before one of both. */
const withLocalBeforeCluster: readonly JsonObject[] = [
  { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-a' } },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      type: 'NodePort',
      clusterIP: '10.96.7.1',
      ports: [{ name: 'http', protocol: 'TCP', port: 80, nodePort: 30_000 }],
      internalTrafficPolicy: 'Local',
    },
  },
  slice([
    { addresses: ['10.244.0.1'], nodeName: 'node-a', hints: { forNodes: [{ name: 'node-a' }] } },
    { addresses: ['10.244.0.100'], nodeName: 'node-a', hints: { forNodes: [{ name: 'node-b' }] } },
  ]),
];

describe('decode', () => {
  it('finds in compiled rules the Services that they were compiled from', () => {
    let ports = 0;
    holds(
      fc.property(snapshots({ explicit: true }), proxyConfigs, fc.boolean(), (documents, config, nfacct) => {
        const options = { config, node: 'node-a', nfacct };
        const { rules } = compile(documents, options);
        const tables = serviceTables(documents, options);
        for (const [i, compiled] of rules.entries()) {
          const { table, settings } = tables[i] ?? assert.fail();
          const { family } = compiled;
          const decoded = decode(parseIptablesSave(printRules(compiled), { family }).ruleset);
          ports += table.servicePorts.length;
          assert.deepEqual(
            decoded.servicePorts.map(foundView),
            table.servicePorts.map((port) => expectedView(port, settings)),
          );
          assert.deepEqual(decoded.servicePorts.flatMap(decodingFaults), []);
          assert.deepEqual([decoded.notDecoded, decoded.unreached, decoded.programs], [[], [], []]);
        }
      }),
      { runs: 300, examples: [[withLocalBeforeCluster, {}, false]] },
    );
    assert.ok(ports > 300, `only ${ports} service ports were met`);
  });
});
