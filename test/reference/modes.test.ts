// Of all recorded snapshots: where the two modes differ, and by packets that the tracer follows through what either mode compiles to.
import assert from 'node:assert/strict';
import { compareModes } from '../../src/core/analyze/modes/compare-modes.ts';
import { modePackets, modeTracer, ToldModes } from '../support/mode-packets.ts';
import { meantIpvs } from '../support/ipvs-verify.ts';
import { meantRules } from '../support/verify.ts';
import { recordedConfig, recordedSnapshot, referenceCases } from '../support/recordings.ts';

describe('the two modes of one snapshot', () => {
  const topics = new Map<string, number>();
  let followed = 0;

  for (const name of referenceCases) {
    it(`differ as told: ${name}`, () => {
      const config = recordedConfig(name);
      const documents: readonly unknown[] = [recordedSnapshot(name)];
      const iptables = meantRules(documents, { config });
      for (const [i, { meaning, config: ipvsConfig, node }] of meantIpvs(documents, { config }).entries()) {
        const rules = iptables[i] ?? assert.fail();
        const found = compareModes({ ...rules.meaning, config: ipvsConfig });
        for (const { topic } of found) topics.set(topic, (topics.get(topic) ?? 0) + 1);
        const traced = modeTracer(rules.text, node, meaning);
        const told = new ToldModes();
        for (const difference of found) {
          const { topic, packet } = difference;
          assert.notEqual(topic, 'port-of-node-port', JSON.stringify(difference));
          const fates = traced.fates(difference);
          assert.deepEqual(traced.example(packet), fates, `${topic} ${JSON.stringify(packet)}`);
          told.add(difference, fates);
        }
        for (const packet of modePackets(rules.meaning)) {
          const fates = traced.packet(packet);
          followed += 1;
          if (fates[0] === fates[1]) continue;
          const text = `${JSON.stringify(packet)}: ${fates.join(' -> ')}; told:\n${told.lines.join('\n')}`;
          assert.ok(told.has(packet, fates), text);
        }
      }
    });
  }

  it('by all topics that kube-proxy is known to differ in', () => {
    // Source ranges without endpoints are in no snapshot here.
    assert.deepEqual([...topics.keys()].sort(), [
      'hairpin-of-other-node',
      'invalid-packets',
      'local-policy-inside',
      'localhost-node-ports',
      'masquerade-of-node',
      'no-endpoints',
      'no-local-endpoints',
      'node-port-addresses',
      'other-ports-of-cluster-ip',
      'other-ports-of-external-ip',
    ]);
    assert.ok(followed > 3000, `only ${followed} packets`);
  });
});
