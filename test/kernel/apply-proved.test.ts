// apply --verify: the rules that a node would have are proved before anything is written.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostRunner } from '../../src/host/exec.ts';
import { runCli, type CliResult } from '../cli/run-cli.ts';
import { useNamespace } from './support/use-namespace.ts';

const PREFIX = 'chainsmith-proved';

const input = (endpoint: string): string => `apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {clusterIP: 10.96.0.10, ports: [{name: http, port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, namespace: default, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{name: http, port: 8080, protocol: TCP}]
endpoints: [{addresses: [10.244.0.5]}, {addresses: [${endpoint}]}]
`;

describe('apply --verify', function () {
  this.timeout(60_000);
  const { folder, netns } = useNamespace(PREFIX);

  function apply(endpoint: string, ...more: readonly string[]): CliResult {
    const file = join(folder, 'input.yaml');
    writeFileSync(file, input(endpoint));
    const node = ['--node', 'a', '--cluster-cidr', '10.244.0.0/16', '--netns', netns, '--variant', 'nft'];
    return runCli(['apply', '-f', file, ...node, '--state-dir', join(folder, 'state'), ...more]);
  }

  const save = async (): Promise<string> =>
    (await hostRunner.run('ip', ['netns', 'exec', netns, 'iptables-nft-save', '-t', 'nat'])).stdout;

  it('proves all, or what changes, and loads it', async () => {
    const all = apply('10.244.1.5', '--verify', 'full', '-v');
    assert.equal(all.status, 0, all.err);
    assert.match(all.err, /IPv4: proved/);
    const part = apply('10.244.1.6', '--verify', 'quick', '-v');
    assert.equal(part.status, 0, part.err);
    assert.match(part.err, /new connections to 1 service port alone:\nIPv4: proved/);
    assert.match(await save(), /10\.244\.1\.6:8080/);
  });

  it('says what rules of others do to Services, and loads ours: they are not for apply to change', async () => {
    const rule = ['-t', 'nat', '-A', 'POSTROUTING', '-d', '10.244.0.0/16', '-j', 'MASQUERADE'];
    await hostRunner.run('ip', ['netns', 'exec', netns, 'iptables-nft', ...rule]);
    const { status, err } = apply('10.244.1.7', '--verify', 'full', '-v');
    assert.equal(status, 0, err);
    assert.match(err, /by rules of others/);
  });
});
