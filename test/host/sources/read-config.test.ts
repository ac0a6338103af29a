import assert from 'node:assert/strict';
import { locatePart } from '../../../src/core/diag/source-location.ts';
import { memoryIo } from '../../../src/host/sources/memory-io.ts';
import { readConfig } from '../../../src/host/sources/read-config.ts';
import { readTemplates } from '../../../src/host/sources/read-templates.ts';

const CONFIG = '# c\napiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: iptables\n';
const config = { apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration', mode: 'iptables' };

async function read(text: string): Promise<object> {
  const file = await readConfig('f', memoryIo({ f: text }));
  return 'problems' in file ? file : { config: file.config, location: locatePart(file.location, []) };
}

async function problemOf(text: string): Promise<string> {
  const result = await readConfig('f', memoryIo({ f: text }));
  assert.ok('problems' in result);
  return result.problems.map((d) => `${d.code} ${d.location?.file}:${d.location?.line}`).join();
}

describe('readConfig', () => {
  it('reads a file', async () => {
    assert.deepEqual(await read(CONFIG), { config, location: { file: 'f', line: 2 } });
  });

  it("finds it among other documents, as in kubeadm's configuration", async () => {
    assert.deepEqual(await read(`kind: ClusterConfiguration\n---\n${CONFIG}`), {
      config,
      location: { file: 'f', line: 4 },
    });
  });

  it('takes it out of the ConfigMap, alone or in a List', async () => {
    const map = { kind: 'ConfigMap', data: { 'kubeconfig.conf': 'kind: Config', 'config.conf': CONFIG } };
    const expected = { config, location: { file: 'f#config.conf', line: 2 } };
    assert.deepEqual(await read(JSON.stringify(map)), expected);
    assert.deepEqual(await read(JSON.stringify({ kind: 'List', items: [map] })), expected);
  });

  it('passes other documents on to the core', async () => {
    assert.deepEqual(await read('kind: Service'), { config: { kind: 'Service' }, location: { file: 'f', line: 1 } });
  });

  it('finds its fields again, also in a ConfigMap and in a List', async () => {
    const placeIn = async (text: string): Promise<unknown> => {
      const file = await readConfig('f', memoryIo({ f: text }));
      return 'problems' in file ? undefined : locatePart(file.location, ['mode']);
    };
    const map = { kind: 'ConfigMap', data: { 'config.conf': CONFIG } };
    assert.deepEqual(await placeIn(CONFIG), { file: 'f', line: 4 });
    assert.deepEqual(await placeIn(JSON.stringify(map)), { file: 'f#config.conf', line: 4 });
    assert.deepEqual(await placeIn(JSON.stringify({ kind: 'List', items: [config] }, null, 1)), { file: 'f', line: 7 });
  });

  it('says what is wrong', async () => {
    assert.equal(await problemOf(''), 'config-wrong-kind f:undefined');
    assert.equal(await problemOf('a: b: c'), 'yaml-syntax f:1');
    assert.equal(await problemOf('kind: ConfigMap\ndata: {a: b}'), 'config-wrong-kind f:1');
    assert.equal(await problemOf('kind: ConfigMap\ndata: {config.conf: "a: b: c"}'), 'yaml-syntax f#config.conf:1');
    assert.equal(await problemOf(`${CONFIG}---\n${CONFIG}`), 'config-ambiguous f:undefined');
    assert.equal(await problemOf('kind: ConfigMap\n'), 'config-wrong-kind f:1');
  });
});

describe('readTemplates', () => {
  it('reads *.hbs below a directory, by path', async () => {
    const io = memoryIo({ 'd/nat/B.hbs': 'b', 'd/nat/A.hbs': 'a', 'd/README.md': '', 'd/.x.hbs': '' });
    const expected = [
      ['nat/A.hbs', { text: 'a', file: 'd/nat/A.hbs' }],
      ['nat/B.hbs', { text: 'b', file: 'd/nat/B.hbs' }],
    ];
    assert.deepEqual([...(await readTemplates('d', io))], expected);
    assert.deepEqual([...(await readTemplates('d/', io))], expected);
  });

  it('refuses a directory without any', async () => {
    await assert.rejects(readTemplates('d', memoryIo({ 'd/x.txt': '' })), /no template/);
    await assert.rejects(readTemplates('e', memoryIo({})), /cannot read e/);
  });
});
