import assert from 'node:assert/strict';
import type { ClusterAccess } from '../../../../src/host/sources/cluster/cluster-access.ts';
import { ClusterError } from '../../../../src/host/sources/cluster/cluster-error.ts';
import { findAccess, type ClusterChoice } from '../../../../src/host/sources/cluster/find-access.ts';
import { machine, type FakeMachine } from '../../../support/cluster-environment.ts';
import { kubeconfig } from '../../../support/kubeconfig.ts';

const find = (choice: ClusterChoice, fake: FakeMachine): Promise<ClusterAccess> => findAccess(choice, machine(fake));

const INSIDE = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };
const ACCOUNT = { '/sa/token': 'pod-token\n', '/sa/ca.crt': 'PEM' };

async function refused(choice: ClusterChoice, fake: FakeMachine): Promise<ClusterError> {
  const error: unknown = await find(choice, fake).then(
    () => assert.fail('a cluster was found'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ClusterError, String(error));
  return error;
}

describe('findAccess', () => {
  it('prefers --kubeconfig, then KUBECONFIG, then ~/.kube/config, then the Pod it is in', async () => {
    const files = {
      '/flag': kubeconfig({ name: 'flag' }),
      '/env': kubeconfig({ name: 'env' }),
      '/home/me/.kube/config': kubeconfig({ name: 'home' }),
      ...ACCOUNT,
    };
    const env = { ...INSIDE, KUBECONFIG: '/env' };
    assert.equal((await find({ kubeconfig: '/flag' }, { env, files })).name, 'flag');
    assert.equal((await find({}, { env, files })).name, 'env');
    assert.equal((await find({}, { env: { ...INSIDE, KUBECONFIG: '' }, files })).name, 'home');
    const pod = await find({}, { env: INSIDE, files: ACCOUNT });
    assert.equal(pod.name, 'in-cluster');
    assert.equal(pod.server, 'https://10.96.0.1:443');
    assert.equal(pod.user.token, 'pod-token');
    assert.equal(Buffer.from(pod.ca ?? []).toString(), 'PEM');
  });

  it('reads an IPv6 cluster from inside, and needs a token there', async () => {
    const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' };
    assert.equal((await find({}, { env, files: ACCOUNT })).server, 'https://[fd00::1]:6443');
    assert.match((await refused({}, { env, files: {} })).message, /^no input: no -f, and no cluster is configured/);
  });

  it('goes into the Pod past a KUBECONFIG that names nothing, as kubectl does', async () => {
    const env = { ...INSIDE, KUBECONFIG: '/gone:/empty' };
    assert.equal((await find({}, { env, files: { ...ACCOUNT, '/empty': ' \n' } })).name, 'in-cluster');
  });

  it('merges the files of KUBECONFIG: the first wins, missing ones are passed over', async () => {
    const env = { KUBECONFIG: '/gone:/a:/b' };
    const files = {
      '/a': kubeconfig({ name: 'shared', server: 'https://a', currentContext: undefined }),
      '/b': JSON.stringify({
        clusters: [
          { name: 'shared', cluster: { server: 'https://lost' } },
          { name: 'b', cluster: { server: 'https://b/' } },
        ],
        users: [{ name: 'b', user: { token: 'of-b' } }],
        contexts: [{ name: 'mixed', context: { cluster: 'b', user: 'shared' } }],
        'current-context': 'mixed',
      }),
    };
    const mixed = await find({}, { env, files });
    assert.deepEqual([mixed.server, mixed.user.token, mixed.context], ['https://b', 'secret', 'mixed']);
    assert.equal((await find({ context: 'shared' }, { env, files })).server, 'https://a');
  });

  it('says both ways out where there is neither -f nor a cluster', async () => {
    const { message, advice, reason } = await refused({}, {});
    assert.equal(reason, 'config');
    assert.equal(
      message,
      "no input: no -f, and no cluster is configured (there is no /home/me/.kube/config, and no Pod's service account)",
    );
    assert.match(advice ?? '', /-f FILE, -f DIR, or -f -.*\n.*--kubeconfig FILE/);
    assert.match((await refused({}, { env: { KUBECONFIG: '/gone' } })).message, /KUBECONFIG is \/gone/);
  });

  it('names the contexts that there are', async () => {
    const files = { '/k': kubeconfig({ name: 'prod' }), '/none': kubeconfig({ currentContext: undefined }) };
    const unknown = await refused({ kubeconfig: '/k', context: 'prdo' }, { files });
    assert.equal(unknown.message, 'there is no context prdo in /k');
    assert.equal(unknown.advice, 'Did you mean prod? There are prod');
    const none = await refused({ kubeconfig: '/none' }, { files });
    assert.match(none.message, /no context is the current one in \/none/);
    assert.match(none.advice ?? '', /--context NAME. There are test/);
    const stale = await refused({ kubeconfig: '/x' }, { files: { '/x': kubeconfig({ currentContext: 'old' }) } });
    assert.match(stale.message, /the current context, old, is not in \/x/);
    assert.match((await refused({ context: 'prod' }, {})).message, /no context prod: no kubeconfig was found/);
  });

  it('says what is wrong with a kubeconfig, and never quotes it', async () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ['users: [{name: a, user: {token: hunter2', /line 1, column \d+: it is no YAML/],
      ['{"users": "hunter2" "x"}', /it is no (JSON|YAML)/],
      ['- hunter2', /no mapping of clusters/],
      ['users: hunter2', /users is no list/],
      ['users: [{user: {token: hunter2}}]', /users\[0\] has no name/],
      ['users: [{name: a, user: hunter2}]', /users\[0\].user is no mapping/],
      ['a: 1\n---\nb: 2', /several documents/],
      ['users: [{name: a}, {name: a}]', /users has a twice/],
      ['', /\/k is empty/],
    ];
    for (const [text, message] of cases) {
      const error = await refused({ kubeconfig: '/k' }, { files: { '/k': text } });
      assert.match(error.message, message);
      assert.ok(!`${error.message}${error.advice}`.includes('hunter2'), error.message);
    }
    const parts = (over: object): string => JSON.stringify({ ...JSON.parse(kubeconfig()), ...over });
    for (const [over, message] of [
      [{ clusters: [] }, /there is no cluster test, which the context test names/],
      [{ users: [] }, /there is no user test, which the context test names/],
      [{ contexts: [{ name: 'test', context: {} }] }, /the context test names no cluster/],
      [{ clusters: [{ name: 'test', cluster: {} }] }, /the cluster test has no server/],
      [{ clusters: [{ name: 'test', cluster: { server: 'localhost:8080' } }] }, /must be a URL that begins with https/],
      [{ users: [{ name: 'test', user: { token: 12_345 } }] }, /token of the user test must be a text/],
      [
        { users: [{ name: 'test', user: { 'client-key-data': '*' } }] },
        /client-key-data of the user test must be base64/,
      ],
    ] as const) {
      const error = await refused({ kubeconfig: '/k' }, { files: { '/k': parts(over) } });
      assert.match(error.message, message);
      assert.ok(!error.message.includes('12345'));
    }
    assert.match(
      (await refused({ kubeconfig: '/gone' }, {})).message,
      /cannot read the kubeconfig \/gone: no such file/,
    );
  });

  it('reads the files that a kubeconfig names, from its own directory, and prefers data', async () => {
    const user = { tokenFile: 'token', token: 'old', 'client-certificate': '/abs/crt', 'client-key': 'sub/key' };
    const cluster = {
      'certificate-authority': 'ca',
      'certificate-authority-data': Buffer.from('DATA').toString('base64'),
    };
    const files = {
      '/d/k': kubeconfig({ user, cluster }),
      '/d/token': 'fresh\n',
      '/abs/crt': 'CRT',
      '/d/sub/key': 'KEY',
    };
    const access = await find({ kubeconfig: '/d/k' }, { files });
    const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
    assert.equal(access.user.token, 'fresh');
    assert.deepEqual([access.user.clientCertificate, access.user.clientKey, access.ca].map(text), [
      'CRT',
      'KEY',
      'DATA',
    ]);
    const { '/d/sub/key': _, ...without } = files;
    const error = await refused({ kubeconfig: '/d/k' }, { files: without });
    assert.equal(error.reason, 'credentials');
    assert.match(error.message, /cannot read \/d\/sub\/key, the client-key of the user test: no such file/);
  });

  it('needs no user, and finds a plugin beside the kubeconfig', async () => {
    const anonymous = JSON.stringify({
      ...JSON.parse(kubeconfig()),
      contexts: [{ name: 'test', context: { cluster: 'test' } }],
    });
    assert.equal((await find({ kubeconfig: '/k' }, { files: { '/k': anonymous } })).user.token, undefined);
    const exec = { command: './login', apiVersion: 'client.authentication.k8s.io/v1' };
    const access = await find({ kubeconfig: '/d/k' }, { files: { '/d/k': kubeconfig({ user: { exec } }) } });
    assert.equal(access.user.exec?.['command'], '/d/login');
  });
});
