import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { decode } from '../../src/core/analyze/decode/decode.ts';
import { compile } from '../../src/core/compile/compile.ts';
import { printRules } from '../../src/core/compile/print-rules.ts';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { proxyConfigs, snapshots } from '../support/arbitraries.ts';
import { decodingFaults, expectedView, foundView } from '../support/decoded-view.ts';
import { holds } from '../support/law.ts';
import { serviceTables } from '../support/service-tables.ts';

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
      { runs: 300 },
    );
    assert.ok(ports > 300, `only ${ports} service ports were met`);
  });
});
