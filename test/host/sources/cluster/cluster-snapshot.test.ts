import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { fieldOf } from '../../../../src/core/util/mapping.ts';
import { ClusterError } from '../../../../src/host/sources/cluster/cluster-error.ts';
import {
  readClusterSnapshot,
  type ClusterSnapshot,
  type SnapshotOptions,
} from '../../../../src/host/sources/cluster/cluster-snapshot.ts';
import { machine, type FakeMachine } from '../../../support/cluster-environment.ts';
import {
  status,
  tlsPath,
  withApiServer,
  type FakeApiServer,
  type FakeCluster,
} from '../../../support/fake-api-server.ts';
import { listen } from '../../../support/listen.ts';
import { kubeconfig, type KubeconfigParts } from '../../../support/kubeconfig.ts';

const service = (name: string, namespace: string): unknown => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace, uid: `uid-${name}` },
  spec: { clusterIP: '10.96.0.10', ports: [{ port: 80, protocol: 'TCP' }] },
});
const node = (name: string): unknown => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } });
const OBJECTS = [
  ...['e', 'd', 'c', 'b', 'a'].flatMap((name) => [service(name, 'y'), service(name, 'x')]),
  node('n2'),
  node('n1'),
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 's', namespace: 'x' },
    addressType: 'IPv4',
  },
];
const SORTED = ['n1', 'n2', ...['x', 'y'].flatMap((ns) => ['a', 'b', 'c', 'd', 'e'].map((n) => `${ns}/${n}`)), 'x/s'];

function read(
  parts: KubeconfigParts,
  options: Partial<SnapshotOptions> = {},
  fake: FakeMachine = {},
): Promise<ClusterSnapshot> {
  const files = { '/k': kubeconfig(parts), ...fake.files };
  return readClusterSnapshot({ kubeconfig: '/k', timeoutMs: 10_000, ...options }, machine({ ...fake, files }));
}

function namesIn({ items }: ClusterSnapshot): readonly string[] {
  return items.map((item) => {
    const name = String(fieldOf(item['metadata'], 'name'));
    const namespace = fieldOf(item['metadata'], 'namespace');
    return typeof namespace === 'string' ? `${namespace}/${name}` : name;
  });
}

async function refusal(reading: Promise<unknown>): Promise<ClusterError> {
  const error: unknown = await reading.then(
    () => assert.fail('the cluster was read'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ClusterError, String(error));
  return error;
}

/** What reading this cluster is refused with. */
async function failure(
  cluster: Partial<FakeCluster>,
  parts: KubeconfigParts = {},
  timeoutMs = 10_000,
): Promise<ClusterError> {
  let found: ClusterError | undefined;
  await withApiServer({ objects: OBJECTS, ...cluster }, async ({ url }) => {
    found = await refusal(read({ server: url, ...parts }, { timeoutMs }));
  });
  assert.ok(found !== undefined);
  return found;
}

const pagesOf = ({ requests }: FakeApiServer, plural: string): readonly string[] =>
  requests.filter(({ resource }) => resource?.plural === plural).map(({ url }) => url.search);

describe('readClusterSnapshot', function () {
  // The Kubernetes client takes its time to load when it is not bundled.
  this.slow(1000);

  it('lists each kind page by page, and sorts by kind, namespace and name', async () => {
    const counts: string[] = [];
    await withApiServer({ objects: OBJECTS, pageSize: 4 }, async (server) => {
      const onCount: SnapshotOptions['onCount'] = ({ plural }, count) => counts.push(`${plural} ${count}`);
      const snapshot = await read({ server: server.url }, { onCount });
      assert.equal(snapshot.cluster, 'test');
      assert.deepEqual(namesIn(snapshot), SORTED);
      assert.deepEqual(snapshot.items[2], {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'a', namespace: 'x' },
        spec: { clusterIP: '10.96.0.10', ports: [{ protocol: 'TCP', port: 80 }] },
      });
      assert.deepEqual(pagesOf(server, 'services'), ['?limit=500', '?limit=500&continue=4', '?limit=500&continue=8']);
      assert.deepEqual(pagesOf(server, 'nodes'), ['?limit=500']);
      assert.ok(server.requests.every(({ headers }) => headers.authorization === 'Bearer secret'));
    });
    assert.deepEqual(
      counts.filter((line) => line.startsWith('services')),
      ['services 4', 'services 8', 'services 10'],
    );
  });

  it('begins a list anew where its moment is forgotten, and takes no object twice', async () => {
    let expired = 0;
    const answer: FakeCluster['answer'] = ({ resource, url }) => {
      if (resource?.kind !== 'Service' || url.searchParams.get('continue') !== '8' || expired === 1) return undefined;
      expired += 1;
      return status(410, 'Expired', 'The provided continue parameter is too old');
    };
    await withApiServer({ objects: OBJECTS, pageSize: 4, answer }, async (server) => {
      assert.deepEqual(namesIn(await read({ server: server.url })), SORTED);
      assert.equal(pagesOf(server, 'services').length, 6);
    });
  });

  it('asks for all at once where pages are forgotten again and again', async () => {
    const answer: FakeCluster['answer'] = ({ url }) =>
      url.searchParams.has('continue') ? status(410, 'Expired', 'too old') : undefined;
    await withApiServer({ objects: OBJECTS, pageSize: 4, answer }, async (server) => {
      assert.deepEqual(namesIn(await read({ server: server.url })), SORTED);
      assert.deepEqual(pagesOf(server, 'services').at(-1), '');
    });
    const never = await failure({ answer: () => status(410, 'Expired', 'too old') });
    assert.match(never.message, /status 410 \(Expired\), three times/);
  });

  it('says which RBAC rule is missing', async () => {
    const said =
      'endpointslices.discovery.k8s.io is forbidden: User "bob" cannot list resource "endpointslices" in API group "discovery.k8s.io" at the cluster scope';
    const error = await failure({
      answer: ({ resource }) => (resource?.kind === 'EndpointSlice' ? status(403, 'Forbidden', said) : undefined),
    });
    assert.equal(error.reason, 'forbidden');
    assert.equal(error.message, 'the cluster test does not let the user bob list endpointslices.discovery.k8s.io');
    assert.equal(
      error.advice,
      [
        `It says: ${said}`,
        'To check:',
        '  kubectl auth can-i list endpointslices.discovery.k8s.io --all-namespaces --context test',
        'The rule that a ClusterRole of this user needs:',
        '  - apiGroups: ["discovery.k8s.io"]',
        '    resources: ["endpointslices"]',
        '    verbs: ["list"]',
      ].join('\n'),
    );
  });

  it('says all missing rules at once, and who was asking', async () => {
    const answer: FakeCluster['answer'] = ({ resource }) =>
      resource?.kind === 'Service'
        ? undefined
        : status(403, 'Forbidden', `${resource?.plural} is forbidden: User "system:anonymous" cannot list`);
    const { message, advice = '' } = await failure({ answer });
    assert.equal(
      message,
      'the cluster test does not let the user system:anonymous list nodes, endpointslices.discovery.k8s.io',
    );
    assert.match(advice, /^No credentials were sent: the context test of \/k has none/m);
    assert.match(advice, /can-i list nodes --context test$/m);
    assert.equal(advice.match(/verbs: \["list"\]/g)?.length, 2);
  });

  it('tells refused credentials from a refused request', async () => {
    const error = await failure({ answer: () => status(401, 'Unauthorized', 'Unauthorized') });
    assert.equal(error.reason, 'unauthorized');
    assert.equal(error.transient, false);
    assert.match(error.message, /^the cluster test at http:.* does not accept these credentials: Unauthorized$/);
    assert.match(error.advice ?? '', /kubectl get nodes --context test/);
  });

  it('gives up on a server that never answers, or never ends', async () => {
    const hang = await failure({ answer: () => 'hang' }, {}, 300);
    assert.equal(hang.reason, 'timeout');
    assert.equal(hang.transient, true);
    assert.match(hang.message, /^cannot read the cluster test at http:.*: no answer within 0.3 s$/);
    assert.match(hang.advice ?? '', /--request-timeout/);
    const endless = createServer((socket) => {
      socket.on('error', () => {});
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{');
    });
    const port = await listen(endless);
    const slow = await refusal(read({ server: `http://127.0.0.1:${port}` }, { timeoutMs: 300 }));
    assert.equal(slow.reason, 'timeout');
    endless.close();
  });

  it('waits for a slow answer, and for a busy server that says how long', async () => {
    const answer: FakeCluster['answer'] = async ({ before, resource }) => {
      if (resource?.kind === 'Node') await new Promise((resolve) => setTimeout(resolve, 200));
      return before > 1 ? undefined : { ...status(429, 'TooManyRequests', 'busy'), headers: { 'Retry-After': '0' } };
    };
    await withApiServer({ objects: OBJECTS, answer }, async (server) => {
      assert.deepEqual(namesIn(await read({ server: server.url })), SORTED);
      assert.equal(pagesOf(server, 'nodes').length, 3);
    });
    const busy = await failure({
      answer: () => ({ ...status(503, 'ServiceUnavailable', 'etcd is gone'), headers: { 'Retry-After': '0' } }),
    });
    assert.match(busy.message, /answers nodes with status 503: etcd is gone/);
    assert.equal(busy.transient, true);
  });

  it('names what answers in the place of an API server', async () => {
    const cases: readonly (readonly [number, unknown, RegExp])[] = [
      [200, '<html>log in</html>', /answers nodes with no JSON: <html>log in/],
      [200, '', /answers nodes with nothing/],
      [200, '{"kind":"NodeList","items":[', /answers nodes with no JSON/],
      [200, { kind: 'ServiceList', items: [] }, /JSON that is no NodeList/],
      [200, [], /JSON that is no NodeList/],
      [302, 'moved', /with status 302: moved/],
      [404, { message: 'not here' }, /has no \/api\/v1\/nodes: not here/],
      [400, 'Client sent an HTTP request to an HTTPS server.', /status 400: Client sent an HTTP request to an HTTPS/],
    ];
    for (const [code, body, message] of cases) {
      const error = await failure({ answer: () => ({ status: code, body }) });
      assert.equal(error.reason, 'bad-answer');
      assert.match(error.message, message);
    }
    const escape = await failure({ answer: () => ({ status: 500, body: 'a\u001b[31m\nred' }) });
    assert.match(escape.message, /status 500: a \[31m red$/);
    const circle = await failure({
      answer: () => ({ status: 200, body: { kind: 'NodeList', items: [], metadata: { continue: 'x' } } }),
    });
    assert.match(circle.message, /the same page again and again|no \w+List/);
  });

  it('says that nothing listens', async () => {
    const error = await refusal(read({ server: 'http://127.0.0.1:1' }));
    assert.equal(error.reason, 'unreachable');
    assert.match(error.message, /^cannot read the cluster test at http:\/\/127.0.0.1:1: connection refused$/);
    assert.match(error.advice ?? '', /Nothing listens there.*\nThe server is that of the context test of \/k/);
    assert.ok(error.cause instanceof Error);
    const name = await refusal(read({ server: 'https://no-such-name.invalid' }));
    assert.equal(name.reason, 'unreachable');
  });
});

describe('readClusterSnapshot over TLS', function () {
  this.slow(1000);
  const pem = (name: string): Buffer => readFileSync(tlsPath(name));
  const data = (name: string): string => pem(name).toString('base64');
  const CA = { 'certificate-authority-data': data('ca.crt') };

  it('shows a client certificate', async () => {
    await withApiServer({ objects: OBJECTS, tls: true }, async ({ url, requests }) => {
      const user = { 'client-certificate': 'client.crt', 'client-key-data': data('client.key') };
      const files = { '/client.crt': pem('client.crt') };
      assert.deepEqual(namesIn(await read({ server: url, cluster: CA, user }, {}, { files })), SORTED);
      assert.ok(requests.every(({ client, headers }) => client === 'admin' && headers.authorization === undefined));
    });
  });

  it('reads its own cluster from inside of a Pod', async () => {
    await withApiServer({ objects: OBJECTS, tls: true }, async ({ url, requests }) => {
      const env = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: new URL(url).port };
      const files = { '/sa/token': 'pod-token', '/sa/ca.crt': pem('ca.crt') };
      const snapshot = await readClusterSnapshot({ timeoutMs: 10_000 }, machine({ env, files }));
      assert.equal(snapshot.cluster, 'in-cluster');
      assert.deepEqual(namesIn(snapshot), SORTED);
      assert.ok(requests.every(({ headers }) => headers.authorization === 'Bearer pod-token'));
    });
  });

  it('trusts the CA of the cluster also without a user, and another name of the certificate', async () => {
    await withApiServer({ objects: OBJECTS, tls: true }, async ({ url }) => {
      const anonymous = { ...JSON.parse(kubeconfig({ server: url, cluster: CA })), users: [] };
      anonymous.contexts = [{ name: 'test', context: { cluster: 'test' } }];
      assert.equal((await read({}, {}, { files: { '/k': JSON.stringify(anonymous) } })).cluster, 'test');
      const cluster = { ...CA, 'tls-server-name': 'api.example' };
      assert.equal((await read({ server: url, cluster })).cluster, 'test');
      assert.equal((await read({ server: url, cluster: { 'insecure-skip-tls-verify': true } })).cluster, 'test');
    });
  });

  it('says what is wrong with the TLS', async () => {
    const tls = { tls: true };
    const unknown = await failure(tls);
    assert.equal(unknown.reason, 'tls');
    assert.match(unknown.message, /its certificate is not signed by the CA that was given$/);
    assert.match(unknown.advice ?? '', /certificate-authority-data of the cluster/);
    const name = await failure(tls, { cluster: { ...CA, 'tls-server-name': 'other.example' } });
    assert.equal(name.reason, 'tls');
    assert.match(name.message, /its certificate is for other names$/);
    const user = { 'client-certificate-data': data('ca.crt'), 'client-key-data': data('client.key') };
    assert.equal((await failure(tls, { cluster: CA, user })).reason, 'tls');
    await withApiServer({ objects: [] }, async ({ url }) => {
      const plain = await refusal(read({ server: url.replace('http:', 'https:') }));
      assert.equal(plain.reason, 'tls');
      assert.match(plain.advice ?? '', /Is its URL http:\/\//);
    });
  });
});

describe('the credentials of a kubeconfig', function () {
  this.slow(1000);
  const SCRIPT = `
    const info = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
    const status = { token: [process.env.WHO, info.apiVersion, info.spec.cluster.server.slice(0, 7)].join(' ') };
    console.log(JSON.stringify({ apiVersion: info.apiVersion, kind: 'ExecCredential', status }));`;
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: process.execPath,
    args: ['-e', SCRIPT],
    env: [{ name: 'WHO', value: 'me' }],
    provideClusterInfo: true,
  };

  it('come from a plugin, which is told the cluster, and is run once', async () => {
    await withApiServer({ objects: OBJECTS, pageSize: 4 }, async ({ url, requests }) => {
      await read({ server: url, user: { exec } });
      const tokens = requests.map(({ headers }) => headers.authorization);
      assert.deepEqual([...new Set(tokens)], ['Bearer me client.authentication.k8s.io/v1 http://']);
    });
  });

  it('may be a password, and on behalf of somebody', async () => {
    await withApiServer({ objects: OBJECTS }, async ({ url, requests }) => {
      await read({ server: url, user: { username: 'u', password: 'p' } });
      assert.equal(requests[0]?.headers.authorization, `Basic ${Buffer.from('u:p').toString('base64')}`);
      const as = { as: 'jane', 'as-uid': '7', 'as-groups': ['a', 'b'], 'as-user-extra': { 'x/scopes': ['s'] } };
      await read({ server: url, user: { token: 't', ...as } });
      const headers = requests.at(-1)?.headers ?? {};
      assert.equal(headers['impersonate-user'], 'jane');
      assert.equal(headers['impersonate-uid'], '7');
      assert.equal(headers['impersonate-group'], 'a, b');
      assert.equal(headers['impersonate-extra-x%2fscopes'], 's');
    });
  });

  it('and the lists go through the proxy that is named', async () => {
    const asked: string[] = [];
    const ends: Socket[] = [];
    const proxy = createHttp().on('connect', (request, socket: Socket) => {
      asked.push(request.url ?? '');
      const target = connect(Number(new URL(`http://${request.url}`).port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        target.pipe(socket).pipe(target);
      });
      ends.push(target, socket);
      for (const end of [target, socket]) end.on('error', () => {});
    });
    const port = await listen(proxy);
    await withApiServer({ objects: OBJECTS, tls: true }, async ({ url }) => {
      const ca = readFileSync(tlsPath('ca.crt')).toString('base64');
      const cluster = { 'certificate-authority-data': ca, 'proxy-url': `http://127.0.0.1:${port}` };
      assert.deepEqual(namesIn(await read({ server: url, cluster })), SORTED);
      assert.ok(asked.length > 0 && asked.every((target) => target === new URL(url).host), asked.join());
      const server = url.replace('127.0.0.1', 'api.example');
      const env = { HTTPS_PROXY: `http://127.0.0.1:${port}` };
      asked.length = 0;
      assert.deepEqual(
        namesIn(await read({ server, cluster: { ...cluster, 'proxy-url': null } }, {}, { env })),
        SORTED,
      );
      assert.ok(asked.length > 0 && asked.every((target) => target === new URL(server).host), asked.join());
    });
    for (const end of ends) end.destroy();
    await new Promise((resolve) => proxy.close(resolve));
  });

  it('fail with what the plugin says', async () => {
    const missing = await failure(
      {},
      { user: { exec: { ...exec, command: '/no/such', installHint: 'apt install it' } } },
    );
    assert.equal(missing.reason, 'credentials');
    assert.equal(missing.message, 'the credential plugin /no/such is not there');
    assert.equal(missing.advice, 'apt install it');
    const args = ['-e', 'console.error("log in first"); process.exit(1)'];
    const failed = await failure({}, { user: { exec: { ...exec, args } } });
    assert.match(failed.message, /^the credential plugin .* failed: log in first$/);
    const silent = await failure({}, { user: { exec: { ...exec, args: ['-e', 'console.log("{}")'] } } });
    assert.equal(silent.reason, 'credentials');
  });
});
