// What kube-proxy v1.36.2 programmed in ipvs mode, applied in a kernel that has IPVS: one node goes from case to case.
import assert from 'node:assert/strict';
import { itemKey, stateItems, valueText } from '../../src/core/plan/ipvs/ipvs-item.ts';
import type { IpvsState } from '../../src/core/plan/ipvs/ipvs-state.ts';
import { printRules } from '../../src/core/compile/print-rules.ts';
import type { CompiledRules } from '../../src/core/ruleset/compiled-rules.ts';
import { unifiedDiff } from '../support/golden-diff.ts';
import {
  comparableAddresses,
  comparableRules,
  compiledCase,
  ipvsCases,
  isUnfinished,
  recordedIpvs,
  sortedLines,
} from '../support/ipvs-reference.ts';
import { compiledTexts, IpvsNode, type NodeTexts } from './support/ipvs-node.ts';
import { requireGuest } from './support/requirements.ts';

const PREFIX = 'chainsmith-ipvs';

/** A recording whose half for IPv6 was not written yet counts for IPv4; what we compile stands in for the rest. */
function recordedTexts(name: string, desired: readonly CompiledRules[]): NodeTexts {
  const v6 = desired[1];
  assert.ok(v6 !== undefined);
  const unfinished = isUnfinished(recordedIpvs(name, 'ip6tables.save'));
  return {
    servers: sortedLines(recordedIpvs(name, 'ipvs.save')),
    sets: unfinished ? compiledTexts(desired).sets : sortedLines(recordedIpvs(name, 'ipset.save')),
    addresses: comparableAddresses(recordedIpvs(name, 'kube-ipvs0.addr')),
    ipv4: comparableRules(recordedIpvs(name, 'iptables.save')),
    ipv6: comparableRules(unfinished ? printRules(v6) : recordedIpvs(name, 'ip6tables.save')),
  };
}

function assertSame(expected: NodeTexts, actual: NodeTexts, name: string): void {
  for (const part of ['servers', 'sets', 'addresses', 'ipv4', 'ipv6'] as const) {
    const diff = unifiedDiff(`${expected[part]}\n`, `${actual[part]}\n`, `${name} ${part}`);
    if (diff !== undefined) assert.fail(diff);
  }
}

describe('apply in ipvs mode, in the kernel', function () {
  this.timeout(60_000);
  let node: IpvsNode;
  /** Rules do not depend on the executor: on this one the tools change all but these. */
  let other: IpvsNode;

  before(async function () {
    requireGuest(this);
    node = await IpvsNode.create(PREFIX);
    other = await IpvsNode.create(PREFIX);
  });
  after(async () => {
    await node?.remove();
    await other?.remove();
  });

  for (const name of ipvsCases) {
    it(`gives the node what kube-proxy programmed: ${name}`, async () => {
      const desired = compiledCase(name);
      const expected = recordedTexts(name, desired);
      // Reads the node again at its end, and demands an empty plan.
      await node.apply(desired);
      const found = await node.texts();
      assertSame(expected, found, name);
      await other.applyIpvs(desired, other.tools);
      assertSame(expected, { ...found, ...(await other.ipvsTexts()) }, `${name}, by the tools,`);
    });
  }

  it('is seen alike by both executors', async () => {
    const [netlink, tools] = [await node.netlink.observe(true), await node.tools.observe(true)];
    assert.deepEqual(comparableState(tools), comparableState(netlink));
    assert.ok(netlink.virtualServers.length > 0 && netlink.sets.length === 34);
    assert.deepEqual([await node.netlink.hasLink(), await node.tools.hasLink()], [true, true]);
  });
});

/** In an order of its own, and without what is random. */
function comparableState(state: IpvsState): unknown {
  const byText = (items: readonly unknown[]): readonly string[] => items.map((item) => JSON.stringify(item)).sort();
  return {
    items: byText([...stateItems(state).values()].map((item) => [itemKey(item), valueText(item)])),
    references: byText(state.sets.map(({ name, references }) => [name, references])),
    timeouts: state.timeouts,
  };
}
