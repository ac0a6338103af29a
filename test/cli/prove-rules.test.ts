import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCli, withFolder } from './run-cli.ts';

const TEMPLATES = fileURLToPath(new URL('../../../templates/', import.meta.url));
const BUILT_IN = join(TEMPLATES, 'iptables', 'nat', 'KUBE-SEP.hbs');

const INPUT = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {clusterIP: 10.96.0.10, ports: [{name: http, port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, namespace: default, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{name: http, port: 8080, protocol: TCP}]
endpoints: [{addresses: [10.244.0.5]}, {addresses: [10.244.1.5]}]
`;

/** A folder with one template, made of the built-in one. */
function templates(folder: string, change: (text: string) => string): string {
  mkdirSync(join(folder, 'nat'));
  writeFileSync(join(folder, 'nat', 'KUBE-SEP.hbs'), change(readFileSync(BUILT_IN, 'utf8')));
  return folder;
}

const withoutHairpin = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !line.includes('KUBE-MARK-MASQ'))
    .join('\n');

describe('rules of --templates', () => {
  const args = ['compile', '-f', '-', '--node', 'a', '--cluster-cidr', '10.244.0.0/16', '--templates'];

  it('are printed if they are proved to do what the Services say', () =>
    withFolder((folder) => {
      const comment = '--comment "endpoint of {{servicePort}}"';
      const own = templates(folder, (text) => text.replaceAll('--comment "{{servicePort}}"', comment));
      const { status, out } = runCli([...args, own], { input: INPUT });
      assert.equal(status, 0);
      assert.match(out, /endpoint of default\/web:http/);
    }));

  it('are refused otherwise, with a packet that shows why', () =>
    withFolder((folder) => {
      const { status, out, err } = runCli([...args, templates(folder, withoutHairpin)], { input: INPUT });
      assert.deepEqual([status, out], [1, '']);
      assert.match(
        err,
        /default\/web:http \(TCP\)\n +clusterIP: is not masqueraded\n +packet +10\.244\.\d\.5:\d+ -> 10\.96\.0\.10:80\/tcp/,
      );
      assert.match(err, /error: the rules of these templates do not do what the Services say\n.*--no-verify/);
    }));

  it('are printed unproved on request', () =>
    withFolder((folder) => {
      const { status, out } = runCli([...args, templates(folder, withoutHairpin), '--no-verify'], { input: INPUT });
      assert.equal(status, 0);
      assert.match(out, /KUBE-SEP-\S+ .*DNAT/);
    }));

  describe('in ipvs mode', () => {
    const inIpvs = ['compile', '-f', '-', '--node', 'a', '--node-ip', '192.168.0.1', '--cluster-cidr', '10.244.0.0/16'];
    const BUILT_IN_OF_IPVS = join(TEMPLATES, 'iptables-ipvs', 'nat', 'KUBE-SERVICES.hbs');

    function own(folder: string, change: (text: string) => string): string {
      const nat = join(folder, 'iptables-ipvs', 'nat');
      mkdirSync(nat, { recursive: true });
      writeFileSync(join(nat, 'KUBE-SERVICES.hbs'), change(readFileSync(BUILT_IN_OF_IPVS, 'utf8')));
      return folder;
    }

    it('are printed if they are proved with the sets and virtual servers around them', () =>
      withFolder((folder) => {
        const args = [...inIpvs, '--mode', 'ipvs', '--templates', own(folder, (text) => text)];
        const { status, out, err } = runCli(args, { input: INPUT });
        assert.equal(status, 0, err);
        assert.match(out, /-A KUBE-SERVICES .*KUBE-CLUSTER-IP/);
      }));

    it('are refused otherwise, and printed on request', () =>
      withFolder((folder) => {
        const folderOfOwn = own(folder, withoutHairpin);
        const args = [...inIpvs, '--mode', 'ipvs', '--templates', folderOfOwn];
        const { status, out, err } = runCli(args, { input: INPUT });
        assert.deepEqual([status, out], [1, '']);
        assert.match(
          err,
          /default\/web:http \(TCP\)\n +clusterIP: is not masqueraded\n +packet .* -> 10\.96\.0\.10:80\/tcp/,
        );
        assert.match(err, /error: the rules of these templates do not do what the Services say\n.*--no-verify/);
        assert.equal(runCli([...args, '--no-verify'], { input: INPUT }).status, 0);
      }));
  });
});
