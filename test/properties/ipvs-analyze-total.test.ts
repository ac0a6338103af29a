import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { decode } from '../../src/core/analyze/decode/decode.ts';
import { VirtualServerIndex } from '../../src/core/analyze/ipvs/virtual-server-index.ts';
import { lint } from '../../src/core/analyze/lint/lint.ts';
import { addShares, isWhole, NONE } from '../../src/core/analyze/trace/share.ts';
import { trace } from '../../src/core/analyze/trace/trace.ts';
import { parseIpsetSave } from '../../src/core/parse/ipset-save/parse-ipset-save.ts';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { parseIpvsadm } from '../../src/core/parse/ipvsadm/parse-ipvsadm.ts';
import { readIpvsTexts } from '../support/ipvs-case.ts';
import { ipvsCases } from '../support/ipvs-reference.ts';
import { holds, metAtLeast } from '../support/law.ts';
import { packetOf } from '../support/trace-packets.ts';

const texts = ipvsCases.map(readIpvsTexts);

/** Lines of the text lost, repeated, moved, or with words of other lines. */
function damaged(text: string): fc.Arbitrary<string> {
  const lines = text.split('\n');
  const words = [...new Set(text.split(/[\s,:]+/)), '0', '65535', '-g', '-p', '10.96.1.1', '!'];
  const change = fc.record({
    at: fc.nat(Math.max(0, lines.length - 1)),
    kind: fc.constantFrom('drop', 'twice', 'swap', 'word'),
    to: fc.nat(Math.max(0, lines.length - 1)),
    word: fc.constantFrom(...words),
    place: fc.nat(8),
  });
  return fc.array(change, { maxLength: 4 }).map((changes) => {
    const made = [...lines];
    for (const { at, kind, to, word, place } of changes) {
      const line = made[at] ?? '';
      if (kind === 'drop') made[at] = '';
      else if (kind === 'twice') made.splice(to, 0, line);
      else if (kind === 'swap') [made[at], made[to]] = [made[to] ?? '', line];
      else
        made[at] = line
          .split(' ')
          .map((old, i) => (i === place ? word : old))
          .join(' ');
    }
    return made.join('\n');
  });
}

const nodes = fc
  .constantFrom(...texts)
  .chain(({ rules, sets, ipvs }) =>
    fc.record({ rules: damaged(rules.ipv4), sets: damaged(sets), ipvs: damaged(ipvs), given: fc.nat(3) }),
  );

describe('nodes in ipvs mode, whatever is wrong with them', () => {
  it('are decoded, linted and traced', function () {
    this.timeout(120_000);
    let whole = 0;
    const law = fc.property(nodes, (node) => {
      const { ruleset, diagnostics } = parseIptablesSave(node.rules, { family: 'ipv4' });
      const sets = (node.given & 1) === 0 ? undefined : parseIpsetSave(node.sets).sets;
      const ipvs = (node.given & 2) === 0 ? undefined : parseIpvsadm(node.ipvs).table;
      const decoded = decode(ruleset, { sets, ipvs });
      for (const { name, endpoints } of decoded.servicePorts)
        assert.ok(name !== '' && endpoints.every(({ text }) => text !== ''));
      const servers =
        ipvs?.virtualServers.filter(({ address }) => address.kind === 'address' && address.ip.family === 'ipv4') ?? [];
      assert.equal(
        decoded.servicePorts.reduce((sum, port) => sum + (port.ipvs?.virtualServers.length ?? 0), 0) >= servers.length,
        true,
      );
      for (const { message } of lint({
        dumps: [{ file: 'x', ruleset, diagnostics }],
        ipvs: ipvs && { file: 'i', table: ipvs },
        sets: sets && { file: 's', sets },
      })) {
        assert.ok(message !== '' && !message.includes('\n'));
      }
      const [first] = servers;
      const to = first?.address.kind === 'address' ? first.address : undefined;
      const packet = packetOf(to === undefined ? {} : { to: to.ip.text, destinationPort: to.port });
      const { outcomes } = trace(ruleset, packet, { sets, ipvs: ipvs && new VirtualServerIndex(ipvs) });
      const alternatives = outcomes.flatMap(({ weight }) => weight);
      if (alternatives.some(({ share, conditions }) => share === undefined || conditions.length > 0)) return;
      const total = alternatives.reduce((sum, { share }) => (share === undefined ? sum : addShares(sum, share)), NONE);
      assert.ok(isWhole(total), 'shares add up to 1');
      whole += 1;
    });
    holds(law, { runs: 800 });
    metAtLeast(100, whole, 'packets whose way is known');
  });
});
