// Dumps of real machines: whatever their rules are, a trace ends, and its shares add up.
import assert from 'node:assert/strict';
import { addressFromNumber } from '../../../../src/core/analyze/trace/address.ts';
import { PROTOCOL, type TracePacket } from '../../../../src/core/analyze/trace/packet.ts';
import { addShares, isWhole, NONE } from '../../../../src/core/analyze/trace/share.ts';
import { trace, traceReply } from '../../../../src/core/analyze/trace/trace.ts';
import { parseIptablesSave } from '../../../../src/core/parse/iptables-save/parse-iptables-save.ts';
import type { Ruleset } from '../../../../src/core/ruleset/ruleset.ts';
import { corpus } from '../../../support/hostile-dumps.ts';
import { realDumps, realDumpsFolder } from '../../../support/real-dumps.ts';
import { addressIn, packetOf } from '../../../support/trace-packets.ts';

/** So many destinations of each dump. */
const MOST = 25;

/** What rules are about: destinations with the ports that stand beside them. */
function packetsFor({ family, tables }: Ruleset): readonly TracePacket[] {
  const found = new Map<string, TracePacket>();
  const from = addressIn(family === 'ipv4' ? '203.0.113.77' : '2001:db8::77');
  for (const { chains } of tables) {
    for (const { rules } of chains.values()) {
      for (const { rule } of rules) {
        const network = rule.destination?.network;
        if (network === undefined || network.family !== family || found.size >= MOST) continue;
        const ports = rule.matches.flatMap((match) =>
          'destinationPorts' in match ? (match.destinationPorts?.first ?? []) : [],
        );
        const protocol = rule.protocol?.number ?? PROTOCOL.tcp;
        const destination = addressFromNumber(family, network.base);
        const packet: TracePacket = {
          origin: found.size % 3 === 0 ? 'node' : 'network',
          source: from,
          destination,
          protocol,
          destinationPort: ports[0] ?? 80,
        };
        found.set(`${destination.text} ${protocol} ${ports[0] ?? ''}`, packet);
      }
    }
  }
  const other = family === 'ipv4' ? '10.96.0.10' : 'fd00::10';
  return [
    ...found.values(),
    { ...packetOf(), source: from, destination: addressIn(other), protocol: PROTOCOL.udp, destinationPort: 53 },
  ];
}

function checkDump(text: string): void {
  for (const family of ['ipv4', 'ipv6'] as const) {
    const { ruleset } = parseIptablesSave(text, { family });
    for (const packet of packetsFor(ruleset)) {
      const { outcomes, gaveUp } = trace(ruleset, packet);
      assert.equal(gaveUp, false);
      assert.ok(outcomes.length > 0);
      const decided = trace(ruleset, packet, { answer: ({ key }) => key.length % 2 === 0 });
      const shares = decided.outcomes.flatMap(({ weight }) => weight.map(({ share }) => share ?? NONE));
      assert.ok(isWhole(shares.reduce(addShares, NONE)));
      traceReply(ruleset, packet);
    }
  }
}

describe('traces through dumps as they are', () => {
  it('the inputs of golden/parse', () => {
    for (const text of corpus) checkDump(text);
  });

  const folder = realDumpsFolder();
  if (folder === undefined) {
    it('are not there: give their folder as CHAINSMITH_DUMPS', () => assert.equal(realDumpsFolder(), undefined));
    return;
  }
  for (const { name, text } of realDumps(folder)) it(name, () => checkDump(text));
});
