// What the two modes are said to differ in is true of kube-proxy: the same packets, followed through what it programmed in either mode.
import assert from 'node:assert/strict';
import { compareModes } from '../../src/core/analyze/modes/compare-modes.ts';
import { trace } from '../../src/core/analyze/trace/trace.ts';
import { ipvsCases, isUnfinished } from '../support/ipvs-reference.ts';
import { readIpvsCase, readIpvsTexts } from '../support/ipvs-case.ts';
import { meantIpvs } from '../support/ipvs-verify.ts';
import { modeTracer } from '../support/mode-packets.ts';
import { recordedConfig, recordedSnapshot, recordedText } from '../support/recordings.ts';
import { addressIn } from '../support/trace-packets.ts';
import { meantRules } from '../support/verify.ts';

const SAVES = { ipv4: 'iptables.save', ipv6: 'ip6tables.save' } as const;

describe('what kube-proxy programmed in either mode', () => {
  const topics = new Map<string, string[]>();

  for (const name of ipvsCases) {
    it(`differs as told: ${name}`, () => {
      const config = recordedConfig(name);
      const documents: readonly unknown[] = [recordedSnapshot(name)];
      const texts = readIpvsTexts(name);
      const iptables = meantRules(documents, { config });
      for (const [i, { meaning, config: ipvsConfig }] of meantIpvs(documents, { config }).entries()) {
        const { family } = meaning;
        if (isUnfinished(texts.rules[family])) continue;
        const compiled = iptables[i] ?? assert.fail();
        const node = { rules: texts.rules[family], sets: texts.sets, servers: texts.ipvs };
        const traced = modeTracer(recordedText(name, SAVES[family]), node, meaning);
        for (const difference of compareModes({ ...compiled.meaning, config: ipvsConfig })) {
          const { topic, packet } = difference;
          topics.set(topic, [...new Set([...(topics.get(topic) ?? []), name])]);
          assert.deepEqual(traced.example(packet), traced.fates(difference), `${topic} ${JSON.stringify(packet)}`);
        }
      }
    });
  }

  it('by all topics that semantics and differences.md list', () => {
    // Source ranges without endpoints, and a cluster without a CIDR, were not recorded in ipvs mode.
    assert.deepEqual(
      [...topics]
        .filter(([, names]) => names.length > 1)
        .map(([topic]) => topic)
        .sort(),
      [
        'hairpin-of-other-node',
        'invalid-packets',
        'local-policy-inside',
        'localhost-node-ports',
        'no-endpoints',
        'no-local-endpoints',
        'node-port-addresses',
        'other-ports-of-cluster-ip',
        'other-ports-of-external-ip',
      ],
    );
  });

  it('masquerades by the number of a nodePort, whichever address of a Service a packet goes to', () => {
    let asked = 0;
    for (const name of ipvsCases) {
      for (const { ruleset, sets, ports } of readIpvsCase(name)) {
        const masked = ports.find(({ nodePort, externalPolicyLocal }) => nodePort !== 0 && !externalPolicyLocal);
        if (masked === undefined) continue;
        const destination = addressIn(masked.clusterIp.text);
        const source = addressIn(masked.clusterIp.family === 'ipv4' ? '10.244.255.250' : 'fd00:10:244:0:ffff::fa');
        const protocol = { TCP: 6, UDP: 17, SCTP: 132 }[masked.protocol];
        const to = { origin: 'network', source, destination, protocol, inInterface: 'veth1' } as const;
        const { outcomes } = trace(
          ruleset,
          { ...to, destinationPort: masked.nodePort },
          { sets, localAddresses: [destination] },
        );
        const chains = outcomes.map(({ steps }) => steps.map(({ chain }) => chain).join(' '));
        assert.ok(
          chains.every((steps) => steps.includes('KUBE-SERVICES KUBE-NODE-PORT KUBE-MARK-MASQ')),
          `${name}: ${chains.join('; ')}`,
        );
        asked += 1;
      }
    }
    assert.ok(asked > 10, `only ${asked}`);
  });
});
