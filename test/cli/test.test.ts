import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { goldenRoot } from '../support/golden-paths.ts';
import { parseTap } from '../support/tap.ts';
import { parseXml } from '../support/xml.ts';
import { findCases } from '../support/golden-case.ts';
import { runCli, withFolder, type CliResult } from './run-cli.ts';

const compileRoot = join(goldenRoot, 'compile');
const CASE = 'cluster-ip/three-endpoints';

/** Two of our own golden cases, in a folder called tests. */
function withTests(test: (folder: string, run: (...args: readonly string[]) => CliResult) => void): void {
  withFolder((folder) => {
    mkdirSync(join(folder, 'tests', 'affinity'), { recursive: true });
    mkdirSync(join(folder, 'tests', 'cluster-ip'), { recursive: true });
    for (const name of ['defaults.yaml', CASE, 'affinity/cluster-ip']) {
      cpSync(join(compileRoot, name), join(folder, 'tests', name), { recursive: true });
    }
    test(folder, (...args) => runCli(['test', 'tests', ...args], { cwd: folder }));
  });
}

function change(path: string, from: string | RegExp, to: string): void {
  const before = readFileSync(path, 'utf8');
  const after = before.replace(from, to);
  assert.notEqual(after, before, `nothing to change in ${path}`);
  writeFileSync(path, after);
}

describe('chainsmith test', () => {
  it("passes on chainsmith's own golden cases, with every file and flow that they have", () => {
    const { status, out, err } = runCli(['test', 'golden/compile'], { cwd: join(goldenRoot, '..') });
    assert.equal(err, '');
    const names = findCases(compileRoot);
    const files = names.flatMap((name) =>
      readdirSync(join(compileRoot, name)).filter((file) => /\.rules$|^diagnostics\.txt$/.test(file)),
    );
    const flows = names.flatMap((name) => {
      const folder = join(compileRoot, name);
      if (!readdirSync(folder).includes('flows.yaml')) return [];
      return readFileSync(join(folder, 'flows.yaml'), 'utf8').match(/^- /gm) ?? [];
    });
    assert.ok(names.length > 200 && flows.length > 400);
    const sum = `${names.length} cases: ${names.length} pass; ${files.length} files and ${flows.length} flows checked`;
    assert.equal(out.trimEnd().split('\n').at(-1), sum);
    assert.equal(out.match(/^ok {4}/gm)?.length, names.length);
    assert.equal(status, 0);
  });

  it('fails with status 2 where rules differ, and shows the difference', () => {
    withTests((folder, run) => {
      change(join(folder, 'tests', CASE, 'iptables.rules'), '0.50000000000', '0.60000000000');
      const { status, out } = run();
      assert.equal(status, 2);
      assert.match(out, /^FAIL {2}cluster-ip\/three-endpoints: 3 files, \d+ flows?$/m);
      assert.match(
        out,
        /^ {2}tests\/cluster-ip\/three-endpoints\/iptables\.rules: what is compiled is not what is expected$/m,
      );
      assert.match(
        out,
        /^ {4}--A KUBE-SVC-.* --probability 0\.60000000000 .*\n {4}\+-A KUBE-SVC-.* --probability 0\.50000000000 /m,
      );
      assert.match(out, /^2 cases: 1 passes, 1 fails; /m);
      assert.doesNotMatch(run('-q').out, /^ok|cases:/m);
    });
  });

  it('fails with status 2 where a packet goes another way, and shows the rules that decided', () => {
    withTests((folder, run) => {
      change(join(folder, 'tests/affinity/cluster-ip/flows.yaml'), 'masquerade: true', 'masquerade: false');
      const { status, out } = run();
      assert.equal(status, 2);
      assert.match(out, /flows\.yaml:14: flow "another one": to 10\.244\.0\.5:8080 it is masqueraded$/m);
      assert.match(
        out,
        /^ {4}expected 10\.244\.0\.5:8080, not masqueraded\n {4}found {4}10\.244\.0\.5:8080, masqueraded$/m,
      );
      const [, line = ''] = /nat, line (\d+): -A KUBE-MARK-MASQ /.exec(out) ?? [];
      const rules = readFileSync(join(folder, 'tests/affinity/cluster-ip/iptables.rules'), 'utf8').split('\n');
      assert.equal(rules[Number(line) - 1], '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000');
    });
  });

  it('ends with status 1 for mistakes, whatever else fails', () => {
    withTests((folder, run) => {
      change(join(folder, 'tests', CASE, 'iptables.rules'), 'KUBE-MARK-MASQ', 'KUBE-MARK');
      writeFileSync(join(folder, 'tests/affinity/cluster-ip/case.yaml'), '# mine\nnode-ips: 192.168.0.10\n');
      const { status, out } = run();
      assert.equal(status, 1);
      assert.match(
        out,
        /^ {2}error\[test-unknown-key\] tests\/affinity\/cluster-ip\/case\.yaml:2: unknown key "node-ips" \(hint: did you mean node-ip\?\)$/m,
      );
      assert.match(out, /^2 cases: 1 fails, 1 with errors; /m);
    });
  });

  it('ends with status 1 where there is nothing to test', () => {
    withFolder((folder) => {
      mkdirSync(join(folder, 'tests'));
      const empty = runCli(['test', 'tests'], { cwd: folder });
      assert.deepEqual([empty.status, empty.out], [1, '']);
      assert.match(empty.err, /^error\[test-no-cases\] tests: there is no case in the directory \(hint: .*flows\.yaml/);
      const missing = runCli(['test', 'nowhere'], { cwd: folder });
      assert.deepEqual([missing.status, missing.out], [1, '']);
      assert.match(missing.err, /^error: cannot read nowhere: no such file or directory/);
      const none = runCli(['test'], { cwd: folder });
      assert.equal(none.status, 1);
      assert.match(none.err, /missing required argument 'dir'/);
    });
    withTests((_, run) => {
      const { status, out, err } = run('--filter', 'nothing like it');
      assert.deepEqual([status, out], [1, '']);
      assert.match(err, /no case has "nothing like it" in its name; there are 2/);
    });
  });

  it('judges the cases that --filter leaves', () => {
    withTests((folder, run) => {
      rmSync(join(folder, 'tests', CASE, 'input.yaml'));
      assert.equal(run().status, 1);
      const { status, out } = run('--filter', 'affinity/');
      assert.equal(status, 0);
      assert.match(out, /^ok {4}affinity\/cluster-ip: 3 files, 3 flows\n1 case: 1 passes; /);
    });
  });

  it('writes expected files anew with --update, and only those', () => {
    withTests((folder, run) => {
      const path = join(folder, 'tests', CASE, 'iptables.rules');
      const before = readFileSync(path, 'utf8');
      const others = (): readonly string[] => readdirSync(join(folder, 'tests', CASE));
      const names = others();
      change(path, '0.50000000000', '0.60000000000');
      const { status, out } = run('--update');
      assert.equal(status, 0);
      assert.match(out, /^ok {4}cluster-ip\/three-endpoints: .*\n {2}wrote iptables\.rules$/m);
      assert.match(out, /; 1 file written$/m);
      assert.equal(readFileSync(path, 'utf8'), before);
      assert.deepEqual(others(), names);
      assert.doesNotMatch(run('--update').out, /wrot|written/);
    });
  });

  it('writes no rules where packets go another way than flows say', () => {
    withTests((folder, run) => {
      const path = join(folder, 'tests/affinity/cluster-ip/iptables.rules');
      change(path, 'KUBE-MARK-MASQ', 'KUBE-MARK');
      const damaged = readFileSync(path, 'utf8');
      const flows = join(folder, 'tests/affinity/cluster-ip/flows.yaml');
      change(flows, 'masquerade: true', 'masquerade: false');
      const said = readFileSync(flows, 'utf8');
      const { status, out } = run('--update');
      assert.equal(status, 2);
      assert.doesNotMatch(out, /wrote/);
      assert.equal(readFileSync(path, 'utf8'), damaged);
      assert.equal(readFileSync(flows, 'utf8'), said);
    });
  });

  it('writes the rules of a new case, and those that compile --out writes', () => {
    withTests((folder, run) => {
      const path = join(folder, 'tests', CASE);
      for (const name of ['iptables.rules', 'ip6tables.rules', 'diagnostics.txt', 'flows.yaml'])
        rmSync(join(path, name), { force: true });
      const refused = run('--filter', CASE);
      assert.equal(refused.status, 1);
      assert.match(refused.out, /nothing is expected of the case/);
      const { status, out } = run('--filter', CASE, '--update');
      assert.equal(status, 0);
      assert.match(out, /^ {2}wrote iptables\.rules\n {2}wrote ip6tables\.rules$/m);
      assert.deepEqual(readdirSync(path), ['input.yaml', 'ip6tables.rules', 'iptables.rules']);
      const options = ['--node', 'node-a', '--node-ip', '192.168.0.10,2001:db8:aaaa::10', '--no-defaults', '-q'];
      const cidr = ['--cluster-cidr', '10.244.0.0/16,fd00:10:244::/56'];
      const compiled = runCli(['compile', '-f', join(path, 'input.yaml'), ...options, ...cidr, '--out', 'out'], {
        cwd: folder,
      });
      assert.equal(compiled.status, 0);
      for (const name of ['iptables.rules', 'ip6tables.rules']) {
        assert.equal(readFileSync(join(folder, 'out', name), 'utf8'), readFileSync(join(path, name), 'utf8'));
      }
    });
  });

  it('prints JUnit XML and TAP, the same bytes each time', () => {
    withTests((folder, run) => {
      change(join(folder, 'tests', CASE, 'iptables.rules'), '0.50000000000', '0.60000000000');
      writeFileSync(join(folder, 'tests/affinity/cluster-ip/case.yaml'), 'node-ips: 192.168.0.10\n');
      const junit = run('-o', 'junit');
      assert.equal(junit.status, 1);
      assert.equal(run('-o', 'junit').out, junit.out);
      const root = parseXml(junit.out);
      assert.deepEqual(
        root.children.map(({ attributes: { name, failures, errors } }) => [name, failures, errors]),
        [
          ['affinity/cluster-ip', '0', '1'],
          [CASE, '1', '0'],
        ],
      );
      assert.match(junit.err, /^2 cases: 1 fails, 1 with errors; /);
      const tap = run('-o', 'tap', '-q');
      assert.equal(tap.err, '');
      assert.equal(run('-o', 'tap', '-q').out, tap.out);
      assert.deepEqual(
        parseTap(tap.out).map(({ ok, description }) => [ok, description]),
        [
          [false, 'affinity/cluster-ip'],
          [false, CASE],
        ],
      );
    });
  });

  it('writes the report to a file with --out, and tells people what fails', () => {
    withTests((folder, run) => {
      change(join(folder, 'tests', CASE, 'iptables.rules'), '0.50000000000', '0.60000000000');
      const { status, out, err } = run('-o', 'junit', '--out', 'report.xml');
      assert.deepEqual([status, out], [2, '']);
      assert.match(err, /^FAIL {2}cluster-ip\/three-endpoints/);
      assert.match(err, /wrote report\.xml\n$/);
      const report = readFileSync(join(folder, 'report.xml'), 'utf8');
      assert.equal(report, run('-o', 'junit').out);
      assert.equal(parseXml(report).attributes['failures'], '1');
    });
  });

  it('does not stop at a case whose files cannot be read', () => {
    withTests((folder, run) => {
      writeFileSync(join(folder, 'tests', CASE, 'case.yaml'), 'templates: ../../nowhere\n');
      const { status, out } = run();
      assert.equal(status, 1);
      assert.match(out, /case\.yaml:1: cannot read tests\/nowhere: no such file or directory/);
      assert.match(out, /^ok {4}affinity\/cluster-ip/m);
    });
  });

  it('compiles with templates of the case', () => {
    withTests((folder, run) => {
      mkdirSync(join(folder, 'tests/templates/nat'), { recursive: true });
      const rule = '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x8000/0x8000\n';
      writeFileSync(join(folder, 'tests/templates/nat/KUBE-MARK-MASQ.hbs'), rule);
      writeFileSync(join(folder, 'tests/affinity/cluster-ip/case.yaml'), 'templates: ../../templates\n');
      const { status, out } = run('--filter', 'affinity');
      assert.equal(status, 2);
      assert.match(out, /\+-A KUBE-MARK-MASQ -j MARK --set-xmark 0x8000\/0x8000/);
      assert.match(out, /flow "another one": to 10\.244\.0\.5:8080 it is not masqueraded/);
    });
  });

  it('says which file it cannot read', () => {
    withTests((folder, run) => {
      const flows = join(folder, 'tests', CASE, 'flows.yaml');
      rmSync(flows);
      mkdirSync(flows);
      const { status, err } = run();
      assert.equal(status, 1);
      assert.match(err, /^error: cannot read tests\/cluster-ip\/three-endpoints\/flows\.yaml: /);
    });
  });
});
