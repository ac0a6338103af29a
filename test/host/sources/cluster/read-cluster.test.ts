import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../../../../src/core/compile/compile.ts';
import { fieldOf } from '../../../../src/core/util/mapping.ts';
import { readClusterSnapshot } from '../../../../src/host/sources/cluster/cluster-snapshot.ts';
import { readCluster } from '../../../../src/host/sources/cluster/read-cluster.ts';
import { snapshotParts } from '../../../../src/host/sources/cluster/snapshot-text.ts';
import { memoryIo } from '../../../../src/host/sources/memory-io.ts';
import { readSources } from '../../../../src/host/sources/read-sources.ts';
import { machine } from '../../../support/cluster-environment.ts';
import { withApiServer } from '../../../support/fake-api-server.ts';
import { goldenRoot } from '../../../support/golden-paths.ts';
import { kubeconfig } from '../../../support/kubeconfig.ts';

const root = join(goldenRoot, 'reference');

describe('readCluster', function () {
  this.slow(5000);

  it('gives the rules of the same objects in files, and of its own snapshot, for every recorded cluster', async () => {
    const cases = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    assert.ok(cases.length > 100);
    for (const { name } of cases) {
      const original: unknown = JSON.parse(readFileSync(join(root, name, 'snapshot.json'), 'utf8'));
      const objects = fieldOf(original, 'items');
      assert.ok(Array.isArray(objects));
      await withApiServer({ objects: objects.toReversed(), pageSize: 7 }, async ({ url }) => {
        const environment = machine({ files: { '/home/me/.kube/config': kubeconfig({ server: url }) } });
        const { read } = await readCluster({ timeoutMs: 10_000 }, environment);
        assert.deepEqual(read.locations, [{ file: 'cluster test' }]);
        const { items } = await readClusterSnapshot({ timeoutMs: 10_000 }, environment);
        const text = [...snapshotParts(items)].join('');
        const file = await readSources(['s.json'], memoryIo({ 's.json': text }));
        assert.deepEqual(file.documents, read.documents, name);
        const { rules } = compile(read.documents, { node: 'node-a' });
        assert.ok(rules.length === 2, name);
        assert.deepEqual(rules, compile([original], { node: 'node-a' }).rules, name);
      });
    }
  });

  it('tells the Node that it runs on', async () => {
    const node = (name: string): unknown => ({ kind: 'Node', apiVersion: 'v1', metadata: { name } });
    await withApiServer({ objects: [node('a'), node('b')] }, async ({ url }) => {
      const hostNode = async (hostname: string, env: Readonly<Record<string, string>> = {}): Promise<unknown> => {
        const files = { '/home/me/.kube/config': kubeconfig({ server: url }) };
        return (await readCluster({ timeoutMs: 10_000 }, machine({ files, hostname, env }))).hostNode;
      };
      assert.deepEqual(await hostNode('B'), { name: 'b', toldBy: "this host's name" });
      assert.equal(await hostNode('laptop'), undefined);
      assert.deepEqual(await hostNode('b', { NODE_NAME: 'a' }), { name: 'a', toldBy: 'NODE_NAME' });
      assert.deepEqual(await hostNode('b', { NODE_NAME: 'gone' }), { name: 'gone', toldBy: 'NODE_NAME' });
    });
  });
});
