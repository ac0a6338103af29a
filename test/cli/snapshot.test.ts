import assert from 'node:assert/strict';
import { lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fieldOf } from '../../src/core/util/mapping.ts';
import { goldenRoot } from '../support/golden-paths.ts';
import { status, tlsPath, withApiServer, type FakeApiServer, type FakeCluster } from '../support/fake-api-server.ts';
import { kubeconfig } from '../support/kubeconfig.ts';
import { runCli, runCliAsync, SERVICE, withFolder, withFolderAsync, type CliResult } from './run-cli.ts';

const recorded = (name: string): string => join(goldenRoot, 'reference', name, 'snapshot.json');

function objectsOf(path: string): readonly unknown[] {
  const list: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const items = fieldOf(list, 'items');
  assert.ok(Array.isArray(items), path);
  return items;
}

const node = (name: string): Readonly<Record<string, unknown>> => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
});

interface Machine {
  readonly server: FakeApiServer;
  /** A directory, which is HOME and the working directory, with `config`, a kubeconfig of the server. */
  readonly folder: string;
  readonly run: (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<CliResult>;
}

/** A machine whose only cluster is the fake one. */
async function withCluster(cluster: FakeCluster, test: (machine: Machine) => Promise<void>): Promise<void> {
  await withApiServer(cluster, (server) =>
    withFolderAsync(async (folder) => {
      writeFileSync(join(folder, 'config'), kubeconfig({ server: server.url, name: 'fake' }));
      const clean = { HOME: folder, KUBECONFIG: join(folder, 'config'), NODE_NAME: '', KUBERNETES_SERVICE_HOST: '' };
      const run: Machine['run'] = (args, env) => runCliAsync(args, { cwd: folder, env: { ...clean, ...env } });
      await test({ server, folder, run });
    }),
  );
}

describe('chainsmith snapshot', function () {
  this.slow(2000);

  for (const name of ['dual-stack', 'topology-hints', 'rand-101']) {
    it(`is read as the cluster itself, and as its objects: ${name}`, async () => {
      const objects = objectsOf(recorded(name));
      await withCluster({ objects: objects.toReversed(), pageSize: 1 }, async ({ folder, run }) => {
        const flags = ['--node', 'node-a', '--cluster-cidr', '10.244.0.0/16', '-q'];
        assert.deepEqual(await run(['snapshot', '--out', 'cluster.json', '-q']), { status: 0, out: '', err: '' });
        for (const family of ['ipv4', 'ipv6']) {
          const live = await run(['compile', '--family', family, ...flags]);
          assert.deepEqual(await run(['compile', '-f', 'cluster.json', '--family', family, ...flags]), live);
          assert.deepEqual(await run(['compile', '-f', recorded(name), '--family', family, ...flags]), live);
          assert.equal(live.status, 0);
          assert.match(live.out, /^\*filter/m);
        }
        assert.equal((await run(['snapshot', '-q'])).out, readFileSync(join(folder, 'cluster.json'), 'utf8'));
      });
    });
  }

  it('says what it read, and where it wrote it', async () => {
    await withCluster({ objects: [node('b'), node('a')] }, async ({ folder, run }) => {
      const written = await run(['snapshot', '--out', 'c.json']);
      const what = '2 nodes, 0 services, 0 endpointslices of the cluster fake';
      assert.deepEqual(written, { status: 0, out: '', err: `wrote ${what} to c.json\n` });
      const text = readFileSync(join(folder, 'c.json'), 'utf8');
      assert.equal(
        text,
        `{"apiVersion":"v1","kind":"List","items":[\n${['a', 'b'].map((n) => JSON.stringify(node(n))).join(',\n')}\n]}\n`,
      );
      assert.deepEqual(await run(['snapshot']), { status: 0, out: text, err: `${what}\n` });
    });
    await withCluster({ objects: [] }, async ({ run }) => {
      const empty = await run(['snapshot', '-q']);
      assert.deepEqual(JSON.parse(empty.out), { apiVersion: 'v1', kind: 'List', items: [] });
    });
  });

  it('keeps one Node with --node, and no other part of it', async () => {
    await withCluster({ objects: [node('a'), node('b')] }, async ({ run }) => {
      const { out } = await run(['snapshot', '--node', 'b', '-q']);
      assert.deepEqual(JSON.parse(out), { apiVersion: 'v1', kind: 'List', items: [node('b')] });
      const missing = await run(['snapshot', '--node', 'c']);
      assert.deepEqual(missing, { status: 1, out: '', err: 'error: the cluster fake has no Node c\nThere are a, b\n' });
    });
  });

  it('leaves links, devices and, where it fails, the old file as they are', async () => {
    let broken = false;
    const answer: FakeCluster['answer'] = () => (broken ? status(500, 'InternalError', 'etcd') : undefined);
    await withCluster({ objects: [node('a')], answer }, async ({ folder, run }) => {
      symlinkSync('real.json', join(folder, 'link.json'));
      writeFileSync(join(folder, 'real.json'), 'old');
      await run(['snapshot', '--out', 'link.json']);
      assert.ok(lstatSync(join(folder, 'link.json')).isSymbolicLink());
      const text = readFileSync(join(folder, 'real.json'), 'utf8');
      assert.match(text, /"name":"a"/);
      assert.equal((await run(['snapshot', '--out', '/dev/null'])).status, 0);
      assert.ok(lstatSync('/dev/null').isCharacterDevice());
      broken = true;
      const failed = await run(['snapshot', '--out', 'real.json']);
      assert.equal(failed.status, 1);
      assert.match(failed.err, /^error: the cluster fake at http:.* answers nodes with status 500: etcd\n/);
      assert.equal(readFileSync(join(folder, 'real.json'), 'utf8'), text);
    });
  });

  it('tells every way in which a cluster cannot be read, with exit status 1', async () => {
    const cases: readonly (readonly [FakeCluster['answer'], RegExp])[] = [
      [
        () => status(401, 'Unauthorized', 'Unauthorized'),
        /does not accept these credentials: Unauthorized\n.*\nLog in/,
      ],
      [() => status(403, 'Forbidden', ''), /let this user list nodes, services, endpointslices.*verbs: \["list"\]/s],
      [() => ({ status: 200, body: 'garbage' }), /with no JSON: garbage/],
      [() => 'hang', /no answer within 0.25 s\n/],
    ];
    for (const [answer, message] of cases) {
      await withCluster({ objects: [], ...(answer === undefined ? {} : { answer }) }, async ({ run }) => {
        const { status, out, err } = await run(['snapshot', '--request-timeout', '250ms']);
        assert.equal(status, 1);
        assert.equal(out, '');
        assert.match(err, message);
        assert.match(err, /^error: /);
        assert.ok(!err.includes('bug in chainsmith'), err);
      });
    }
  });

  it('reads through TLS with a client certificate', async () => {
    await withCluster({ objects: [node('a')], tls: true }, async ({ server, folder, run }) => {
      const user = { 'client-certificate': tlsPath('client.crt'), 'client-key': tlsPath('client.key') };
      const cluster = { 'certificate-authority': tlsPath('ca.crt') };
      writeFileSync(join(folder, 'tls'), kubeconfig({ server: server.url, name: 'tls', cluster, user }));
      const { err } = await run(['snapshot', '--kubeconfig', 'tls']);
      assert.equal(err, '1 node, 0 services, 0 endpointslices of the cluster tls\n');
      assert.ok(server.requests.every(({ client }) => client === 'admin'));
      assert.match((await run(['snapshot'])).err, /its certificate is not signed by the CA that was given/);
    });
  });

  it('takes the files of KUBECONFIG together, and the context that is named', async () => {
    await withCluster({ objects: [node('a')] }, async ({ folder, run }) => {
      const other = join(folder, 'other');
      writeFileSync(other, kubeconfig({ name: 'other' }));
      const env = { KUBECONFIG: [other, join(folder, 'gone'), join(folder, 'config')].join(':') };
      assert.match((await run(['snapshot'], env)).err, /cannot read the cluster other .*: connection refused/);
      assert.match((await run(['snapshot', '--context', 'fake'], env)).err, /of the cluster fake\n$/);
      assert.match((await run(['snapshot', '--context', 'fkae'], env)).err, /no context fkae .*\nDid you mean fake\?/);
    });
  });

  it('refuses what it has no use for', () => {
    withFolder((folder) => {
      const env = { HOME: folder, KUBECONFIG: '', KUBERNETES_SERVICE_HOST: '' };
      assert.match(
        runCli(['snapshot', 'x.json'], { env }).err,
        /unexpected argument "x.json"\nName the file with --out x.json/,
      );
      assert.match(runCli(['snapshot', '--node', 'A B'], { env }).err, /--node "A B" can be no node's name/);
      for (const time of ['0', 'soon', '-1s', '1d', '10s5']) {
        assert.match(runCli(['snapshot', '--request-timeout', time], { env }).err, /It takes a time such as 10s/, time);
      }
      const { status, err } = runCli(['snapshot'], { env });
      assert.equal(status, 1);
      assert.match(
        err,
        /^error: no input: no -f, and no cluster is configured \(there is no .*config, .*\)\nRead files: /,
      );
    });
  });
});

describe('chainsmith compile without -f', function () {
  this.slow(2000);
  const web = { kind: 'Service', apiVersion: 'v1', metadata: { name: 'web', namespace: 'shop' } };
  const good = {
    ...web,
    spec: { clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10'], ports: [{ port: 80, protocol: 'TCP' }] },
  };

  it('names the cluster in messages', async () => {
    const bad = { ...web, spec: { clusterIP: '10.96.0.10', ports: [{ port: 80_800 }] } };
    await withCluster({ objects: [bad, node('a')] }, async ({ run }) => {
      const { status, err } = await run(['compile']);
      assert.equal(status, 1);
      assert.match(err, /^error\[invalid-field\] cluster fake: Service shop\/web: spec\.ports\[0\]\.port must be/);
    });
  });

  it('compiles for the Node it runs on, if there are several', async () => {
    const own = hostname().toLowerCase();
    const objects = [good, node('a'), node('b')];
    await withCluster({ objects: [...objects, node(own)] }, async ({ run }) => {
      const byHost = await run(['compile']);
      assert.equal(byHost.status, 0);
      assert.match(
        byHost.err,
        new RegExp(`^note: the node is ${own}, by this host's name \\(--node chooses another\\)\n`),
      );
      const byVariable = await run(['compile'], { NODE_NAME: 'b' });
      assert.match(byVariable.err, /^note: the node is b, by NODE_NAME/);
      assert.doesNotMatch((await run(['compile', '--node', 'a'], { NODE_NAME: 'b' })).err, /note: the node is/);
      const overridden = await run(['compile', '--hostname-override', 'a'], { NODE_NAME: 'b' });
      assert.doesNotMatch(overridden.err, /note: the node is/);
      assert.equal(overridden.status, 0);
    });
    await withCluster({ objects }, async ({ run }) => {
      const none = await run(['compile']);
      assert.equal(none.status, 1);
      assert.match(none.err, /^error\[node-ambiguous\]: the input has 2 Nodes: a, b \(hint: choose one: --node a\)/);
      assert.match((await run(['compile'], { NODE_NAME: 'gone' })).err, /\[node-not-found\]/);
    });
    await withCluster({ objects: [good, node('a')] }, async ({ run }) => {
      assert.doesNotMatch((await run(['compile'], { NODE_NAME: 'b' })).err, /note: the node is/);
    });
  });

  it('asks no cluster when there are files', async () => {
    await withCluster({ objects: [] }, async ({ server, folder, run }) => {
      writeFileSync(join(folder, 'web.yaml'), SERVICE);
      const { status, err } = await run(['compile', '-f', 'web.yaml', '--node', 'a'], { NODE_NAME: 'b' });
      assert.equal(status, 0);
      assert.doesNotMatch(err, /note: the node is/);
      assert.equal(server.requests.length, 0);
      for (const flag of [
        ['--kubeconfig', 'config'],
        ['--context', 'fake'],
        ['--request-timeout', '3s'],
      ]) {
        const mixed = await run(['compile', '-f', 'web.yaml', ...flag]);
        assert.equal(mixed.status, 1);
        assert.match(mixed.err, new RegExp(`-f reads files, and ${flag[0]} is for reading a cluster`));
      }
    });
  });
});
