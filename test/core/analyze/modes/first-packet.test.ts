import assert from 'node:assert/strict';
import { firstPacket } from '../../../../src/core/analyze/modes/first-packet.ts';
import { parseIpsetSave } from '../../../../src/core/parse/ipset-save/parse-ipset-save.ts';
import { parseIptablesSave } from '../../../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { parseIpvsadm } from '../../../../src/core/parse/ipvsadm/parse-ipvsadm.ts';
import { serviceDocument, sliceDocument } from '../../../support/builders.ts';
import { meantIpvs } from '../../../support/ipvs-verify.ts';
import { nodeObject } from '../../../support/objects.ts';
import { meantRules } from '../../../support/verify.ts';

const name = (i: number): string => `web${String(i).padStart(2, '0')}`;

/** `web00`, `web01` ... with an endpoint each. */
function asked(services: number): readonly [number, number] | undefined {
  const documents = [
    nodeObject('node-a', 0, undefined),
    ...Array.from({ length: services }, (_, i) => [
      serviceDocument({ clusterIP: `10.96.1.${i}` }, { name: name(i) }),
      sliceDocument({
        metadata: { name: `s${i}`, namespace: 'shop', labels: { 'kubernetes.io/service-name': name(i) } },
      }),
    ]).flat(),
  ];
  const [rules] = meantRules(documents);
  const [ipvs] = meantIpvs(documents);
  assert.ok(rules !== undefined && ipvs !== undefined);
  const { node, meaning, config } = ipvs;
  const read = (text: string) => parseIptablesSave(text, { family: 'ipv4' }).ruleset;
  const found = firstPacket(
    { ...meaning, config },
    {
      iptables: read(rules.text),
      ipvs: {
        ruleset: read(node.rules),
        table: parseIpvsadm(node.servers).table,
        sets: parseIpsetSave(node.sets).sets,
      },
    },
  );
  if (found === undefined) return undefined;
  assert.equal(found.topic, 'first-packet');
  assert.equal(found.packet.destination, `10.96.1.${services - 1}`);
  const [before, after] = [found.iptables, found.ipvs];
  assert.ok(before.kind === 'asked' && after.kind === 'asked');
  return [before.rules, after.rules];
}

describe('firstPacket', () => {
  it('meets a rule more for each Service before it in iptables, and always as many in ipvs', () => {
    const [few, many] = [asked(5), asked(45)];
    assert.ok(few !== undefined && many !== undefined);
    assert.equal(many[0] - few[0], 40);
    assert.equal(many[1], few[1]);
    assert.ok(many[0] > many[1]);
  });

  it('is none without Services', () => {
    assert.equal(asked(0), undefined);
  });
});
