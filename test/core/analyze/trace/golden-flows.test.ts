// The packets of golden/compile, walked by the tests' own walker and by the trace, which have no code in common: the same ends with
// exactly the same shares.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { addressOf } from '../../../../src/core/analyze/trace/address.ts';
import { PROTOCOL, type TracePacket } from '../../../../src/core/analyze/trace/packet.ts';
import { compareShares } from '../../../../src/core/analyze/trace/share.ts';
import { trace } from '../../../../src/core/analyze/trace/trace.ts';
import { parseIp } from '../../../../src/core/model/ip.ts';
import { parseIptablesSave } from '../../../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { findCases, readCase } from '../../../support/golden-case.ts';
import type { Flow, FlowNode } from '../../../support/golden-flows.ts';
import { produce } from '../../../support/golden-output.ts';
import { goldenRoot } from '../../../support/golden-paths.ts';
import { isLocalAddress } from '../../../support/packet-addresses.ts';
import { walkPacket, type Outcome } from '../../../support/packet-walker.ts';
import { addressIn, endShares } from '../../../support/trace-packets.ts';

const root = join(goldenRoot, 'compile');

function verdictText({ verdict }: Outcome): string {
  if (verdict.kind === 'endpoint') {
    // iptables-save spells some addresses of IPv6 as no other program does.
    const endpoint = verdict.endpoint.replace(/^\[(.*)\]/, (_, text: string) => `[${parseIp(text)?.text ?? ''}]`);
    return `${endpoint}${verdict.masquerade ? ' masqueraded' : ''}`;
  }
  return verdict.kind === 'untouched' ? `untouched${verdict.masquerade ? ' masqueraded' : ''}` : verdict.kind;
}

/** As golden-flows.ts has it. */
function sourceOf({ from, to }: Flow, { localAddresses, nodeIps }: FlowNode): string {
  if (from !== 'node') return from;
  if (isLocalAddress(to, localAddresses)) return to;
  const own = nodeIps.find((text) => parseIp(text)?.family === parseIp(to)?.family);
  assert.ok(own !== undefined);
  return own;
}

describe('the trace of golden flows', () => {
  const cases = findCases(root);

  for (const name of cases) {
    const golden = readCase(root, name);
    if (golden.flows.length === 0) continue;
    it(name, () => {
      const { rules } = produce(golden);
      for (const flow of golden.flows) {
        const text = flow.to.includes(':') ? rules.ipv6 : rules.ipv4;
        assert.ok(text !== undefined);
        const source = sourceOf(flow, golden.node);
        const { localAddresses } = golden.node;
        const walked = walkPacket(
          text,
          { ...flow, source, destination: flow.to },
          { localAddresses, remembered: flow.remembered },
        );
        const family = flow.to.includes(':') ? 'ipv6' : 'ipv4';
        const isOwn = isLocalAddress(source, localAddresses);
        const packet: TracePacket = {
          origin: isOwn ? 'node' : 'network',
          source: addressIn(source),
          destination: addressIn(flow.to),
          protocol: PROTOCOL[flow.protocol],
          destinationPort: flow.port,
          inInterface: isOwn ? undefined : flow.inInterface,
          outInterface: 'eth0',
        };
        const { ruleset } = parseIptablesSave(text, { family });
        const traced = trace(ruleset, packet, {
          localAddresses: localAddresses.flatMap((address) => {
            const ip = parseIp(address);
            return ip === undefined ? [] : [addressOf(ip)];
          }),
          answer: ({ kind, subject }) => (kind === 'recent' ? listOf(text, subject) === flow.remembered : undefined),
        });
        const shares = endShares(traced, ({ fate, destinationNat, sourceNat }) => {
          if (!('address' in fate)) return fate.kind === 'rejected' ? 'reject' : 'drop';
          const masqueraded = sourceNat === undefined ? '' : ' masqueraded';
          if (destinationNat === undefined) return `untouched${masqueraded}`;
          const { address, port } = fate;
          assert.ok(address !== 'own');
          const host = address.family === 'ipv6' ? `[${address.text}]` : address.text;
          return `${host}:${port ?? ''}${masqueraded}`;
        });
        assert.deepEqual([...shares.keys()].toSorted(), walked.map(verdictText).toSorted(), flow.name);
        for (const outcome of walked) {
          const share = shares.get(verdictText(outcome));
          assert.ok(share !== undefined && compareShares(share, { ...outcome.share, divisor: 1n }) === 0, flow.name);
        }
      }
    });
  }
});

/** The endpoint whose rule fills a list of xt_recent. */
function listOf(rules: string, list: string): string | undefined {
  const line = rules.split('\n').find((rule) => rule.includes(` --set --name ${list} `));
  return / --to-destination (\S+)$/.exec(line ?? '')?.[1];
}
