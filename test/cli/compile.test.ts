import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { binary, runCli, SERVICE, withFolder, withFolderAsync } from './run-cli.ts';

/** Thousands of Services, as kubectl prints them. */
function manyServices(count: number): string {
  const items = Array.from({ length: count }, (_, i) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `web-${i}`, namespace: 'default' },
    spec: { clusterIP: `10.96.${i >> 8}.${i & 255}`, ports: [{ port: 80 }] },
  }));
  return items.map((item) => JSON.stringify(item)).join('\n');
}

describe('chainsmith compile', () => {
  it('prints rules for standard input', () => {
    const { status, out } = runCli(['compile', '-f', '-', '-q'], { input: SERVICE });
    assert.equal(status, 0);
    assert.match(out, /^\*/m);
    assert.match(out, /^COMMIT$/m);
  });

  it('reads several files and directories', () =>
    withFolder((folder) => {
      mkdirSync(join(folder, 'd'));
      writeFileSync(join(folder, 'a.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [] }));
      writeFileSync(join(folder, 'd', 'b.yaml'), SERVICE);
      const each = runCli(['compile', '-f', 'a.json', '-f', 'd'], { cwd: folder });
      const together = runCli(['compile', '-f', 'a.json', 'd'], { cwd: folder });
      assert.equal(each.status, 0);
      assert.deepEqual(together, each);
    }));

  it('prints data', () => {
    for (const format of ['json', 'yaml']) {
      const { status, out } = runCli(['compile', '-f', '-', '-o', format, '--family', 'ipv6'], { input: SERVICE });
      assert.equal(status, 0);
      assert.match(out, /ipv6/);
      if (format !== 'json') continue;
      const data: unknown = JSON.parse(out);
      assert.ok(typeof data === 'object' && data !== null);
      assert.deepEqual(Object.keys(data), ['family', 'tables', 'diagnostics']);
    }
  });

  it('writes both families to a directory that it makes, leaving nothing else there', () =>
    withFolder((folder) => {
      const out = join(folder, 'deep', 'rules');
      const first = runCli(['compile', '-f', '-', '--out', out], { input: SERVICE });
      assert.equal(first.status, 0);
      assert.equal(first.out, '');
      assert.match(first.err, /^wrote iptables.rules and ip6tables.rules to /);
      assert.deepEqual(readdirSync(out).toSorted(), ['ip6tables.rules', 'iptables.rules']);
      const text = runCli(['compile', '-f', '-'], { input: SERVICE }).out;
      assert.equal(readFileSync(join(out, 'iptables.rules'), 'utf8'), text);
      assert.equal(runCli(['compile', '-q', '-f', '-', '--out', out], { input: SERVICE }).err, '');
    }));

  it('leaves the old files, and no others, if Ctrl-C ends it while it writes', function () {
    if (process.platform === 'win32') this.skip();
    return withFolderAsync(async (folder) => {
      writeFileSync(join(folder, 'iptables.rules'), 'old');
      // Nobody reads the pipe: the command waits in the middle of its second file, the first one is written.
      const script = `mkfifo "$2/.ip6tables.rules.$$.tmp" && exec "$0" "$1" compile -f - --out "$2"`;
      const child = spawn('sh', ['-c', script, process.execPath, binary, folder], {
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      child.stdin.end(SERVICE);
      const ended = new Promise((resolve) => child.on('close', (_status, signal) => resolve(signal)));
      const first = join(folder, `.iptables.rules.${child.pid}.tmp`);
      while (!(existsSync(first) && readFileSync(first, 'utf8').endsWith('COMMIT\n'))) await sleep(10);
      child.kill('SIGINT');
      assert.equal(await ended, 'SIGINT');
      assert.deepEqual(readdirSync(folder), ['iptables.rules']);
      assert.equal(readFileSync(join(folder, 'iptables.rules'), 'utf8'), 'old');
    });
  });

  it('says why it cannot write', () =>
    withFolder((folder) => {
      writeFileSync(join(folder, 'file'), '');
      const run = (out: string): string => {
        const { status, err } = runCli(['compile', '-f', '-', '--out', out], { input: SERVICE });
        assert.equal(status, 1);
        return err;
      };
      assert.match(run(join(folder, 'file')), /^error: cannot write .*file already exists \(it is a file/m);
      assert.match(run(join(folder, 'file', 'x')), /^error: cannot write .*not a directory/m);
    }));

  it('says that the device is full', function () {
    if (!existsSync('/dev/full')) this.skip();
    return new Promise<void>((resolve, reject) => {
      const child = spawn('sh', ['-c', `"$0" "$1" compile -f - > /dev/full`, process.execPath, binary]);
      let err = '';
      child.stderr.on('data', (chunk) => (err += String(chunk)));
      child.on('close', (status) => {
        try {
          assert.equal(status, 1);
          assert.match(err, /^error: cannot write standard output: no space left on device/m);
          resolve();
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
      child.stdin.end(SERVICE);
    });
  });

  it('stops quietly when the reader goes away', async () => {
    const child = spawn(process.execPath, [binary, 'compile', '-q', '-f', '-']);
    let err = '';
    child.stderr.on('data', (chunk) => (err += String(chunk)));
    child.stdout.once('data', () => child.stdout.destroy());
    child.stdin.end(manyServices(20_000));
    const status = await new Promise((resolve) => child.on('close', resolve));
    assert.equal(status, 0);
    assert.equal(err, '');
  });

  it('gets all of a large output through a pipe', () => {
    const { out, status } = runCli(['compile', '-q', '-f', '-'], { input: manyServices(20_000) });
    assert.equal(status, 0);
    assert.ok(out.length > 1_000_000);
    assert.ok(out.endsWith('COMMIT\n'));
  });
});

describe('chainsmith compile, wrong input', () => {
  const compileText = (input: string): ReturnType<typeof runCli> => runCli(['compile', '-f', '-'], { input });

  it('prints what it can, and fails, if a part is broken', () => {
    const { status, out, err } = compileText(`${SERVICE}---\na: b: c\n`);
    assert.equal(status, 1);
    assert.match(out, /^COMMIT$/m);
    assert.match(err, /^error\[yaml-syntax\] <stdin>:6:5: .*\n {2}6 \| a: b: c\n +\^\n/m);
    assert.match(err, /1 error.*; chainsmith explain CODE tells more\n$/);
  });

  it('prints nothing if all of it is broken', () => {
    for (const [text, code] of [
      ['a: b: c\n', 'yaml-syntax'],
      ['{"kind": "List", "items": [', 'json-syntax'],
      ['name: {{ .Values.name }}\n', 'helm-template'],
    ] as const) {
      const { status, out, err } = compileText(text);
      assert.equal(status, 1);
      assert.equal(out, '');
      assert.match(err, new RegExp(`^error\\[${code}\\] <stdin>:`));
    }
  });

  it('does not compile empty input', () =>
    withFolder((folder) => {
      for (const text of ['', '# nothing\n', '---\n']) {
        const { status, out, err } = compileText(text);
        assert.equal(status, 1);
        assert.equal(out, '');
        assert.match(
          err,
          /^error\[nothing-to-compile\]: no object was read; no rules are printed .*\nwarning\[no-objects\] /,
        );
      }
      assert.match(runCli(['compile', '-f', folder]).err, /the directory holds no manifest/);
      assert.equal(compileText('{"kind": "List", "apiVersion": "v1", "items": []}').status, 0);
    }));

  it('prints no rules where nothing says what the cluster is', () => {
    const deployment = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n';
    for (const [text, code] of [
      ['foo\n', 'not-an-object'],
      [deployment, 'nothing-to-compile'],
      [`apiVersion: v1\nkind: List\nitems:\n- ${deployment.trim().replaceAll('\n', '\n  ')}\n`, 'nothing-to-compile'],
      [SERVICE.replace('Service', 'service'), 'unknown-kind'],
      [SERVICE.replace('port: 80', 'port: x'), 'invalid-field'],
      ['apiVersion: v1\nkind: List\nitems: text\n', 'not-an-object'],
      ['apiVersion: v1\nkind: List\n', 'not-an-object'],
      [SERVICE.replace('ports:', 'prots:'), 'no-ports'],
    ] as const) {
      const { status, out, err } = compileText(text);
      assert.equal(status, 1, text);
      assert.equal(out, '');
      assert.match(err, new RegExp(`^error\\[${code}\\]`), text);
      assert.equal(err.match(/^error/gm)?.length, 1, err);
    }
  });

  it('prints the fixed chains for a cluster that is really empty', () => {
    const node = 'apiVersion: v1\nkind: Node\nmetadata: {name: a}\n';
    for (const text of [
      node,
      `${node}---\napiVersion: apps/v1\nkind: Deployment\n`,
      'apiVersion: v1\nkind: List\nitems: []\n',
    ]) {
      const { status, out, err } = compileText(text);
      assert.equal(status, 0, err);
      assert.match(out, /^COMMIT$/m);
    }
  });

  it('prints a document of data also where there are no rules', () => {
    for (const input of ['', 'foo\n', SERVICE]) {
      const args = [
        'compile',
        '-f',
        '-',
        '-o',
        'json',
        '--family',
        'ipv6',
        '--service-cidr',
        input === SERVICE ? 'x' : '10.0.0.0/8',
      ];
      const { status, out } = runCli(args, { input });
      assert.equal(status, 1);
      const data: unknown = JSON.parse(out);
      assert.ok(typeof data === 'object' && data !== null && 'diagnostics' in data && Array.isArray(data.diagnostics));
      assert.deepEqual({ ...data, diagnostics: [] }, { family: 'ipv6', tables: [], diagnostics: [] });
      assert.ok(data.diagnostics.length > 0);
      assert.match(runCli(args.with(4, 'yaml'), { input }).out, /^family: ipv6\ntables: \[\]\ndiagnostics:\n/);
    }
  });

  it('names the line of an item of a List', () => {
    const bad = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'Web' } };
    const json = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [{ kind: 'x' }, bad] }, null, 2);
    assert.match(compileText(json).err, /^error\[invalid-name\] <stdin>:8: Service default\/Web/m);
  });

  it('names a missing file in one line', () => {
    const { status, out, err } = runCli(['compile', '-f', 'no/such.yaml']);
    assert.equal(status, 1);
    assert.equal(out, '');
    assert.match(err, /^error: cannot read no\/such.yaml: no such file or directory \(.*\)\n$/);
  });

  it('says how to get input', () => {
    withFolder((folder) => {
      const env = { HOME: folder, KUBECONFIG: '', KUBERNETES_SERVICE_HOST: '' };
      const { status, out, err } = runCli(['compile'], { env });
      assert.equal(status, 1);
      assert.equal(out, '');
      assert.match(err, /^error: no input: no -f, and no cluster is configured /);
      assert.match(err, /\nRead files: -f FILE, -f DIR, or -f - .*\nOr read a cluster: --kubeconfig FILE/);
    });
    assert.match(runCli(['compile', 'a.yaml']).err, /unexpected argument "a.yaml"\n.*chainsmith compile -f a.yaml/);
    assert.match(runCli(['compile', '-f', '']).err, /^error: -f was given an empty value; is a shell variable unset/);
  });

  it('refuses options that contradict each other', () => {
    for (const args of [
      ['-f', '-', '--out', 'x', '-o', 'json'],
      ['-f', '-', '--out', 'x', '--family', 'ipv4'],
      ['-f', '-', '--config', '-'],
      ['-f', '-', '--config', 'a', '--config', 'b'],
      ['-f', '-', '--config', ''],
      ['-f', '-', '--out', ''],
      ['-f', '-', '--node='],
      ['-f', '-', '--templates', ' '],
      ['-f', '-', '--node-ip', ''],
      ['-f', '-', '--cluster-cidr', ''],
      ['-f', '-', '-q', '-v'],
      ['-f', '-', '--family', 'ipv5'],
      ['-f', '-', '--masquerade-all=maybe'],
      ['-f', '-', '--iptables-masquerade-bit', 'x'],
      ['-f', '-', '--silence', 'yaml-syntax'],
      ['-f', '-', '--silence', 'nope'],
    ]) {
      const { status, out, err } = runCli(['compile', ...args], { input: SERVICE });
      assert.equal(status, 1, args.join(' '));
      assert.equal(out, '');
      assert.match(err, /^error: /);
    }
    assert.match(runCli(['compile', '--silence', 'json-syntax']).err, /Errors cannot be silenced/);
  });

  it('refuses what can be no name of a node', () => {
    for (const name of [' a', 'a ', 'a/b', 'node_a', 'Node-A', '-a']) {
      const { status, out, err } = runCli(['compile', '-f', '-', '--node', name], { input: SERVICE });
      assert.equal(status, 1, name);
      assert.equal(out, '');
      assert.match(err, /^error: --node ".*" can be no node's name\n.*kubectl get nodes/);
    }
    assert.equal(runCli(['compile', '-f', '-', '--node', 'ip-10.0.0.1.local'], { input: SERVICE }).status, 0);
  });

  it('names the flag that a wrong value came from', () =>
    withFolder((cwd) => {
      writeFileSync(join(cwd, 'c.yaml'), 'clusterCIDR: w\nnodePortAddresses: [z]\n');
      const run = (...args: string[]): string => runCli(['compile', '-f', '-', ...args], { input: SERVICE, cwd }).err;
      assert.match(run('--cluster-cidr', 'x'), /^error\[config-invalid-value\]: --cluster-cidr: "x" is no CIDR/);
      assert.match(run('--iptables-masquerade-bit', '40'), /^error\[.*\]: --iptables-masquerade-bit: 40 is not/);
      const both = run('--cluster-cidr', 'x', '--config', 'c.yaml');
      assert.match(both, /^error\[config-invalid-value\]: --cluster-cidr: "x" is no CIDR/m);
      assert.match(both, /^error\[config-invalid-value\] c.yaml:2.*: nodePortAddresses/m);
      assert.match(run('--config', 'c.yaml'), /^error\[config-invalid-value\] c.yaml:1.*: clusterCIDR: "w"/m);
    }));

  it('says that all Services are of the other family', () => {
    const note = /^note: no Service has IPv4 addresses; --family ipv6 prints the rules of the others$/m;
    const six = SERVICE.replace('10.96.0.10', '"fd00::10"');
    const run = (input: string, ...args: string[]): string => runCli(['compile', '-f', '-', ...args], { input }).err;
    assert.match(run(six), note);
    assert.match(run(six, '-o', 'json'), note);
    assert.match(run(SERVICE, '--family', 'ipv6'), /^note: no Service has IPv6 addresses; --family ipv4 prints/m);
    assert.equal(run(six, '-q'), '');
    assert.doesNotMatch(run(six, '--family', 'ipv6'), /^note:/m);
    assert.doesNotMatch(run(`${SERVICE}---\n${six.replace('name: web', 'name: six')}`), /^note:/m);
    assert.doesNotMatch(run('apiVersion: v1\nkind: List\n'), /^note:/m);
  });

  it('does not take the next option for a value', () =>
    withFolder((cwd) => {
      for (const [option, next] of [
        ['--node', '--explain'],
        ['--out', '--explain'],
        ['--node', '--cluster-cidr', '10.244.0.0/16'],
        ['--zone', '--no-such-option'],
        ['--node', '-q'],
        ['--color', '-f', '-'],
        ['-o', '-h'],
        ['-f', '--explain'],
        ['--silence', '--explain'],
      ].map((words) => [words[0] ?? '', words.slice(1)] as const)) {
        const { status, out, err } = runCli(['compile', '-f', '-', option, ...next], { input: SERVICE, cwd });
        assert.equal(status, 1);
        assert.equal(out, '');
        const message = `option ${option} needs a value, and the next word is ${next[0]}; is a shell variable unset?`;
        assert.equal(err, `error: ${message}\n`);
      }
      assert.deepEqual(readdirSync(cwd), []);
    }));

  it('refuses a second value where values do not add up', () => {
    const run = (...args: string[]): string => {
      const { status, out, err } = runCli(['compile', '-f', '-', ...args], { input: SERVICE });
      assert.equal(status, 1);
      assert.equal(out, '');
      return err;
    };
    assert.equal(
      run('--cluster-cidr', '10.244.0.0/16', '--cluster-cidr', 'fd00::/48'),
      'error: --cluster-cidr was given twice: 10.244.0.0/16 and fd00::/48\n' +
        'For dual stack give both at once: --cluster-cidr IPV4,IPV6\n',
    );
    assert.equal(run('--node', 'a', '--node', 'b'), 'error: --node was given twice: a and b\n');
    assert.equal(run('--color', 'never', '--color', 'auto'), 'error: --color was given twice: never and auto\n');
    assert.match(run('--masquerade-all', '--masquerade-all=false'), /given twice: true and false\n/);
  });

  it('adds up the values of lists', () => {
    const args = [
      ['-f', '-'],
      ['--silence', 'node-unknown', '--silence', 'node-not-found', '--silence', 'defaults-applied'],
      ['--service-cidr', '10.96.0.0/16', '--service-cidr', 'fd00:10::/112'],
      ['--node-ip', '192.0.2.1', '--node-ip', '2001:db8::1'],
      ['--local-ip', '192.0.2.2', '--local-ip', '192.0.2.3'],
      ['--nodeport-addresses', '192.0.2.0/24', '--nodeport-addresses', '127.0.0.0/8'],
      ['--feature-gates', 'AllowServiceExternalIPs=true', '--feature-gates', 'MixedProtocol=true'],
      ['--cluster-cidr', '10.244.0.0/16'],
    ].flat();
    const { status, err } = runCli(['compile', ...args], { input: SERVICE });
    assert.equal(err, '');
    assert.equal(status, 0);
    const second = runCli(['compile', '-f', '-', '--service-cidr', 'fd00::/112', '--service-cidr', '10.0.0.0/24'], {
      input: SERVICE,
    });
    assert.match(second.err, /10\.96\.0\.10/);
  });

  it('stops at a configuration or a template that cannot be read', () =>
    withFolder((folder) => {
      const config = join(folder, 'config.yaml');
      const run = (...args: string[]): string => {
        const { status, out, err } = runCli(['compile', '-f', '-', ...args], { input: SERVICE });
        assert.equal(status, 1);
        assert.equal(out, '');
        return err;
      };
      writeFileSync(config, 'a: b: c');
      assert.match(run('--config', config), /^error\[yaml-syntax\] .*config.yaml:1:5/);
      assert.match(run('--config', join(folder, 'no.yaml')), /^error: cannot read .*no.yaml/);
      assert.match(run('--templates', folder), /holds no template; templates are named TABLE\/CHAIN.hbs/);
      mkdirSync(join(folder, 'nat'));
      writeFileSync(join(folder, 'nat', 'KUBE-SVC.hbs'), '{{#each endpoints}}');
      assert.match(run('--templates', folder), /^error\[template-syntax\] .*nat\/KUBE-SVC.hbs/);
    }));

  it('takes the ConfigMap of kube-proxy and flags in the same run', () =>
    withFolder((folder) => {
      const config = join(folder, 'config.yaml');
      const inner =
        'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nclusterCIDR: 10.244.0.0/16\n';
      const map = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        data: { 'config.conf': inner, 'kubeconfig.conf': 'kind: Config' },
      };
      writeFileSync(config, JSON.stringify(map));
      const args = [
        'compile',
        '-f',
        '-',
        '--config',
        config,
        '--masquerade-all',
        '--iptables-localhost-nodeports=false',
      ];
      assert.equal(runCli(args, { input: SERVICE }).status, 0);
    }));
});
