// Every ordered pair (A, B) of twenty recorded cases: B over A gives B, and taking it back gives A; rules of others keep their
// places and their counters.
import assert from 'node:assert/strict';
import { isEmptyPlan } from '../../src/core/plan/plan.ts';
import type { Variant } from '../../src/host/iptables/tools.ts';
import { surroundAll } from './support/foreign-rules.ts';
import { VARIANTS } from './support/kernel-lab.ts';
import { foreignPart, ownPart, stateDifferences, type NodeState } from './support/node-state.ts';
import { printFamily, readReference, type ReferenceCase } from './support/reference-cases.ts';
import { TestNode } from './support/test-node.ts';
import { useFolder } from './support/use-folder.ts';

const PREFIX = 'chainsmith-pairs';
const NFACCT_OBJECTS = ['ct_state_invalid_dropped_pkts', 'localhost_nps_accepted_pkts'];

/** Every type of Service, policy, family and setting that shapes rules; with 1 to 33 endpoints, and with none. */
const CASES = [
  'affinity-local',
  'clusterip-001-endpoints',
  'clusterip-033-endpoints',
  'dns-tcp-udp',
  'dual-stack',
  'dual-stack@be-liberal',
  'dual-stack@detect-bridge',
  'dual-stack@masquerade-bit-15',
  'dual-stack@no-localhost-nodeports',
  'dual-stack@nodeport-cidrs',
  'empty',
  'external-ips-local',
  'ipv6-only',
  'loadbalancer-local-no-local-endpoints',
  'loadbalancer-source-ranges',
  'no-endpoints-loadbalancer',
  'protocol-sctp',
  'rand-101',
  'rand-109',
  'terminating-some',
];

/** What a node with nothing on it has of each case. */
async function freshStates(cases: readonly ReferenceCase[], variant: Variant, folder: string): Promise<NodeState[]> {
  const states: NodeState[] = [];
  for (const { desired } of cases) {
    const node = await TestNode.create(PREFIX, variant, folder);
    try {
      await node.apply(desired);
      states.push(ownPart(await node.state()));
    } finally {
      await node.remove();
    }
  }
  return states;
}

/** The rule that keeps route_localnet safe. The kubelet writes the same one into the chain that it shares with kube-proxy, so it stays. */
const LOCALNET_RULE = /^-A KUBE-FIREWALL .*"block incoming localnet connections".*\n/gm;

function withoutLocalnetRule(state: NodeState): NodeState {
  return new Map([...state].map(([key, text]) => [key, text.replace(LOCALNET_RULE, '')]));
}

describe('apply over rules that are there', () => {
  const cases = CASES.map(readReference);
  const folder = useFolder(PREFIX);
  const fresh = new Map<Variant, readonly NodeState[]>();

  before(async () => {
    for (const variant of VARIANTS) fresh.set(variant, await freshStates(cases, variant, folder));
  });

  for (const [index, a] of cases.entries()) {
    it(`${a.name}: every other case over it, and back, by both kinds of iptables`, async () => {
      const both = VARIANTS.map(async (variant) => {
        const node = await TestNode.create(PREFIX, variant, folder);
        try {
          return await checkAllOver(node, a, { cases, fresh: fresh.get(variant) ?? [], index });
        } finally {
          await node.remove();
        }
      });
      assert.deepEqual(await Promise.all(both), [cases.length - 1, cases.length - 1]);
    });
  }
});

interface Others {
  readonly cases: readonly ReferenceCase[];
  readonly fresh: readonly NodeState[];
  readonly index: number;
}

async function checkAllOver(node: TestNode, a: ReferenceCase, { cases, fresh, index }: Others): Promise<number> {
  // They stay behind when an apply is taken back: somebody may have read them meanwhile.
  for (const name of NFACCT_OBJECTS) await node.runner.run('nfacct', ['add', name]);
  await node.apply(a.desired);
  await node.load(surroundAll((family) => printFamily(a.desired, family)));
  assert.ok(isEmptyPlan(await node.plan(a.desired)), 'rules of others around ours are no change');
  const before = await node.state();
  assert.deepEqual(stateDifferences(fresh[index] ?? new Map(), ownPart(before)), []);
  let pairs = 0;
  for (const [i, b] of cases.entries()) {
    if (i === index) continue;
    const plan = await node.apply(b.desired);
    const then = await node.state();
    const said = `${b.name} over ${a.name}`;
    const [wanted, found] = [fresh[i] ?? new Map<string, string>(), ownPart(then)].map(withoutLocalnetRule);
    assert.deepEqual(stateDifferences(wanted ?? new Map(), found ?? new Map()), [], `${said}: our rules`);
    assert.deepEqual(stateDifferences(foreignPart(before), foreignPart(then)), [], `${said}: rules of others`);
    await node.undo(plan);
    assert.deepEqual(stateDifferences(before, await node.state()), [], `${said}, and back`);
    pairs += 1;
  }
  return pairs;
}
