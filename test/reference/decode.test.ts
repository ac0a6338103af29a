import assert from 'node:assert/strict';
import { decode } from '../../src/core/analyze/decode/decode.ts';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { decodingFaults, expectedView, foundView } from '../support/decoded-view.ts';
import { serviceTables } from '../support/service-tables.ts';
import { recordedConfig, recordedSnapshot, recordedText, referenceCases } from '../support/recordings.ts';

const FILES = { ipv4: 'iptables.save', ipv6: 'ip6tables.save' } as const;

describe('what kube-proxy v1.36.2 programmed decodes to its snapshot', () => {
  it('in 102 cases', () => assert.ok(referenceCases.length >= 102));

  for (const name of referenceCases) {
    it(name, () => {
      const config = recordedConfig(name);
      const snapshot = recordedSnapshot(name);
      const tables = serviceTables([snapshot], { config, node: 'node-a' });
      assert.deepEqual(
        tables.map(({ table }) => table.family),
        ['ipv4', 'ipv6'],
      );
      for (const { table, settings } of tables) {
        const { family } = table;
        const { ruleset } = parseIptablesSave(recordedText(name, FILES[family]), { family });
        const decoded = decode(ruleset);
        assert.deepEqual(
          decoded.servicePorts.map(foundView),
          table.servicePorts.map((port) => expectedView(port, settings)),
        );
        assert.deepEqual(decoded.servicePorts.flatMap(decodingFaults), []);
        assert.deepEqual([decoded.notDecoded, decoded.unreached, decoded.ipvsSets, decoded.programs], [[], [], [], []]);
        assert.equal(decoded.writer.mode, 'iptables');
        assert.deepEqual(decoded.writer.leftoverModes, []);
        assert.equal(decoded.node.masquerade?.value, settings.masqueradeMark);
        assert.equal(decoded.node.masquerade.randomFully, true);
        assert.deepEqual(
          decoded.node.entries?.map(({ chain }) => chain),
          ['PREROUTING', 'OUTPUT'],
        );
      }
    });
  }
});
