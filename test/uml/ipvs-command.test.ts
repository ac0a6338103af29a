// The command itself on a node in ipvs mode, by both executors: apply proves what it is about to load, cleanup removes all that the mode has.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { executorNames } from '../../src/host/ipvs/kube-ipvs.ts';
import { runCli, type CliResult } from '../cli/run-cli.ts';
import { compiledCase } from '../support/ipvs-reference.ts';
import { recordedConfigFile, REFERENCE } from '../support/recordings.ts';
import { compiledTexts, IpvsNode } from './support/ipvs-node.ts';
import { requireGuest } from './support/requirements.ts';

const PREFIX = 'chainsmith-ipvs';
const CASE = 'loadbalancer-local';
const BUILT_IN = fileURLToPath(new URL('../../../templates/iptables-ipvs/nat/KUBE-SERVICES.hbs', import.meta.url));

describe('the command in ipvs mode, in the kernel', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}-`));
  const wanted = compiledTexts(compiledCase(CASE));
  let node: IpvsNode;

  before(async function () {
    requireGuest(this);
    node = await IpvsNode.create(PREFIX);
  });
  after(async () => {
    await node?.remove();
    rmSync(folder, { recursive: true });
  });

  function chainsmith(command: string, ...args: readonly string[]): CliResult {
    return runCli([command, '--netns', node.name, ...args]);
  }

  function apply(...args: readonly string[]): CliResult {
    const input = ['-f', join(REFERENCE, CASE, 'snapshot.json'), '--node', 'node-a'];
    const mode = ['--config', recordedConfigFile(CASE), '--mode', 'ipvs', '--variant', 'legacy', '--no-conntrack'];
    return chainsmith('apply', ...input, ...mode, '--state-dir', join(folder, 'state'), ...args);
  }

  it('refuses rules of templates that do not do what the Services say, and loads them when told to', async () => {
    const before = await node.texts();
    const templates = join(folder, 'templates');
    await mkdir(join(templates, 'iptables-ipvs', 'nat'), { recursive: true });
    const broken = readFileSync(BUILT_IN, 'utf8').replaceAll(/^.*KUBE-MARK-MASQ\n/gm, '');
    writeFileSync(join(templates, 'iptables-ipvs', 'nat', 'KUBE-SERVICES.hbs'), broken);
    const refused = apply('--templates', templates);
    assert.equal(refused.status, 1, refused.err);
    assert.match(refused.err, /is not masqueraded[^]*the node would not do what the Services say; nothing was changed/);
    assert.deepEqual(await node.texts(), before);
    const insisted = apply('--templates', templates, '--no-verify');
    assert.equal(insisted.status, 0, insisted.err);
    assert.doesNotMatch((await node.texts()).ipv4, /KUBE-SERVICES .* KUBE-MARK-MASQ/);
  });

  it('proves all, or what changes, and loads it', async () => {
    const all = apply('--verify', 'full', '-v');
    assert.equal(all.status, 0, all.err);
    assert.match(all.err, /IPv4: proved/);
    await node.runner.run('ipvsadm', ['-d', '-t', '10.96.1.1:80', '-r', '10.244.1.1:8080']);
    const part = apply('--verify', 'quick', '-v');
    assert.equal(part.status, 0, part.err);
    assert.match(part.err, /new connections to 1 service port alone:\nIPv4: proved/);
    const { servers, sets, addresses } = await node.texts();
    assert.deepEqual({ servers, sets, addresses }, wanted);
  });

  for (const executor of executorNames) {
    it(`removes virtual servers, sets, kube-ipvs0 and chains, and nothing of others: ${executor}`, async () => {
      await node.apply(compiledCase(CASE));
      assert.deepEqual((await node.ipvsTexts()).servers, wanted.servers);
      await node.runner.run('ipvsadm', ['-A', '-t', '192.168.0.10:5000', '-s', 'wlc']);
      await node.runner.run('ipset', ['create', 'MINE', 'hash:ip']);
      await node.runner.run('iptables-legacy', ['-A', 'INPUT', '-s', '192.0.2.66', '-j', 'DROP']);
      const before = await node.ipvsTexts();
      // Each of the tools takes half a second here.
      if (executor === 'netlink') {
        const shown = chainsmith('cleanup', '--dry-run', '--executor', executor);
        assert.equal(shown.status, 2, shown.err);
        assert.deepEqual(await node.ipvsTexts(), before);
      }
      const removed = chainsmith('cleanup', '--yes', '--executor', executor);
      assert.equal(removed.status, 0, removed.out + removed.err);
      assert.match(removed.out, /kube-ipvs0/);
      const { servers, sets, addresses, ipv4, ipv6 } = await node.texts();
      assert.equal(servers, '-A -t 192.168.0.10:5000 -s wlc');
      assert.match(sets, /^create MINE [^\n]*$/);
      assert.equal(addresses, '');
      assert.doesNotMatch(ipv4 + ipv6, /KUBE/);
      assert.match(ipv4, /-A INPUT -s 192\.0\.2\.66\/32 -j DROP/);
      await assert.rejects(node.runner.run('ip', ['link', 'show', 'kube-ipvs0']), /does not exist/);
      await node.runner.run('ipvsadm', ['-C']);
      await node.runner.run('ipset', ['destroy', 'MINE']);
      await node.runner.run('iptables-legacy', ['-F', 'INPUT']);
    });
  }
});
