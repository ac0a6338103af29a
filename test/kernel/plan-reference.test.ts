// A node that kube-proxy programmed needs no change for the snapshot that kube-proxy had.
import assert from 'node:assert/strict';
import { isEmptyPlan } from '../../src/core/plan/plan.ts';
import { FAMILIES } from './support/cluster.ts';
import { VARIANTS } from './support/kernel-lab.ts';
import { referenceCases } from '../support/recordings.ts';
import { printFamily, readReference } from './support/reference-cases.ts';
import { TestNode } from './support/test-node.ts';
import { useFolder } from './support/use-folder.ts';

const PREFIX = 'chainsmith-plan';
/** kube-proxy makes them when it starts; a rule that counts into a missing one does not load. */
const NFACCT_OBJECTS = ['ct_state_invalid_dropped_pkts', 'localhost_nps_accepted_pkts'];

describe('plan, on a node with the recorded rules', () => {
  const folder = useFolder(PREFIX);

  it('has recorded rules to look at', () => {
    assert.ok(referenceCases.length >= 100, `${referenceCases.length} cases`);
  });

  for (const variant of VARIANTS) {
    describe(`by iptables-${variant}`, () => {
      let node: TestNode;

      before(async () => {
        node = await TestNode.create(PREFIX, variant, folder);
        for (const name of NFACCT_OBJECTS) await node.runner.run('nfacct', ['add', name]);
      });
      after(async () => await node.remove());

      for (const name of referenceCases) {
        it(`finds no changes: ${name}`, async () => {
          const { recorded, desired } = readReference(name);
          assert.deepEqual(
            FAMILIES.map((family) => printFamily(desired, family) !== ''),
            [true, true],
          );
          await node.load(recorded);
          const plan = await node.plan(desired);
          // The first case that asks for route_localnet finds it unset: a new namespace has 0.
          assert.deepEqual(
            plan.families.flatMap((family) => [...family.changes, ...family.notes]),
            [],
          );
          assert.deepEqual(plan.nfacct, []);
          for (const { key, next } of plan.sysctls) {
            assert.equal(key, 'net.ipv4.conf.all.route_localnet');
            await node.runner.run('tee', [`/proc/sys/${key.replaceAll('.', '/')}`], { input: next });
          }
          assert.ok(isEmptyPlan(await node.plan(desired)));
        });
      }
    });
  }
});
