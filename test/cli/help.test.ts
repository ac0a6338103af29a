import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readVersion } from '../../src/cli/version.ts';
import { runCli } from './run-cli.ts';

describe('chainsmith', () => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  const version = typeof manifest === 'object' && manifest && 'version' in manifest ? manifest.version : undefined;

  it('prints its version in every way', () => {
    for (const args of [['--version'], ['-V'], ['version'], ['-q', '--version'], ['compile', '-V']]) {
      assert.deepEqual(runCli(args), { status: 0, out: `${String(version)}\n`, err: '' }, args.join(' '));
    }
  });

  it('knows its version unbundled too', () => {
    assert.equal(readVersion(), version);
  });

  it('prints help on every command, with examples where they help', () => {
    const help = runCli(['--help']);
    assert.equal(help.status, 0);
    assert.equal(help.err, '');
    for (const command of 'compile snapshot cleanup decode trace lint verify diff test report explain completion version'.split(
      ' ',
    )) {
      assert.match(help.out, new RegExp(`^  ${command} `, 'm'));
      const own = runCli([command, '--help']);
      assert.equal(own.status, 0);
      assert.match(own.out, new RegExp(`^Usage: chainsmith ${command}`));
      assert.match(own.out, /--silence <code>/);
      assert.equal(runCli(['help', command]).out, own.out);
    }
    assert.match(runCli(['compile', '--help']).out, /^Examples:$/m);
    assert.match(runCli(['snapshot', '--help']).out, /^Examples:$[^]*^  - apiGroups: \["discovery\.k8s\.io"\]$/m);
    assert.match(runCli(['compile', '--help']).out, /^Without -f the live cluster is read/m);
    assert.match(runCli(['completion', '--help']).out, /source <\(chainsmith completion bash\)/);
  });

  it('prints help as an error if no command is given', () => {
    const { status, out, err } = runCli([]);
    assert.equal(status, 1);
    assert.equal(out, '');
    assert.match(err, /^Usage: chainsmith/);
  });

  it('suggests the command or option that was meant', () => {
    const command = runCli(['compil']);
    assert.equal(command.status, 1);
    assert.match(command.err, /unknown command 'compil'\n\(Did you mean compile\?\)/);
    const option = runCli(['compile', '--famly', 'ipv4']);
    assert.equal(option.status, 1);
    assert.match(option.err, /unknown option '--famly'\n\(Did you mean --family\?\)\n\(chainsmith compile --help/);
  });

  it('prints no help on a command that is not there, before it has said so', () => {
    for (const [word, start] of [
      ['nosuch', /^error: unknown command 'nosuch'\n\nUsage: chainsmith /],
      ['compil', /^error: unknown command 'compil'\n\(Did you mean compile\?\)\n\nUsage: chainsmith /],
      ['run', /^error: the command run is not there yet\n/],
    ] as const) {
      const { status, out, err } = runCli(['help', word]);
      assert.equal(status, 1);
      assert.equal(out, '');
      assert.match(err, start);
    }
    assert.equal(runCli(['help']).status, 0);
  });

  it('says of commands on the road what to do instead', () => {
    for (const command of ['run']) {
      const { status, out, err } = runCli(['--color', 'never', command, '-f', 'x', '--now']);
      assert.equal(status, 1);
      assert.equal(out, '');
      assert.match(err, new RegExp(`^error: the command ${command} is not there yet\\n[^\\n]{30,}\\n$`));
    }
    assert.match(runCli(['explain', 'run']).err, /no code "run"/);
  });

  it('colours on demand only', () => {
    const escape = '\u001b[';
    assert.ok(!runCli(['explain']).out.includes(escape));
    assert.ok(runCli(['explain', '--color', 'always']).out.includes(escape));
    assert.ok(runCli(['--color=always', '--help']).out.includes(escape));
    assert.ok(!runCli(['--color', 'never', 'explain']).out.includes(escape));
    assert.equal(runCli(['--color', 'sometimes', 'explain']).status, 1);
  });
});
