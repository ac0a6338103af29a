import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { binary, runCli } from './run-cli.ts';

/** The candidates and the directive that a shell would get. */
function complete(...words: string[]): { readonly words: readonly string[]; readonly directive: string } {
  const { status, out } = runCli(['complete', '--', ...words]);
  assert.equal(status, 0);
  const lines = out.trimEnd().split('\n');
  return { words: lines.slice(0, -1).map((l) => l.split('\t')[0] ?? ''), directive: lines.at(-1) ?? '' };
}

describe('chainsmith completion', () => {
  it('prints a script for each shell', () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { status, out, err } = runCli(['completion', shell]);
      assert.equal(status, 0);
      assert.equal(err, '');
      assert.match(out, /chainsmith complete --/);
    }
    const { status, err } = runCli(['completion', 'tcsh']);
    assert.equal(status, 1);
    assert.equal(err, 'error: there is no completion for "tcsh"; there is for bash, zsh, fish\n');
  });

  it('prints a script that bash can read', function () {
    const checked = spawnSync('bash', ['-n'], { input: runCli(['completion', 'bash']).out, encoding: 'utf8' });
    if (checked.error !== undefined) this.skip();
    assert.deepEqual([checked.status, checked.stderr], [0, '']);
  });

  it('prints a script that works in bash, with no more than bash', function () {
    const drive = [
      'chainsmith() { "$NODE" "$BINARY" "$@"; }',
      'source <(chainsmith completion bash)',
      'compopt() { :; }',
      'COMP_WORDS=(chainsmith compile --proxy-mode ip) COMP_CWORD=3',
      '__chainsmith_complete',
      'echo "${COMPREPLY[*]}"',
      'complete -p chainsmith',
    ];
    const env = { PATH: process.env['PATH'], NODE: process.execPath, BINARY: binary };
    const { error, stdout } = spawnSync('bash', ['--norc', '-c', drive.join('\n')], { encoding: 'utf8', env });
    if (error !== undefined) this.skip();
    assert.equal(stdout, 'iptables ipvs\ncomplete -o default -F __chainsmith_complete chainsmith\n');
  });

  it('completes commands, options, choices and codes', () => {
    assert.deepEqual(complete('comp').words, ['compile', 'completion']);
    assert.deepEqual(
      complete('').words,
      'compile snapshot plan apply undo cleanup conntrack decode trace lint verify diff test report explain completion version'.split(
        ' ',
      ),
    );
    assert.deepEqual(complete('compile', '--fam').words, ['--family']);
    assert.ok(complete('compile', '--').words.includes('--silence'));
    assert.ok(complete('snapshot', '--').words.includes('--kubeconfig'));
    assert.deepEqual(complete('compile', '--family', '').words, ['ipv4', 'ipv6']);
    assert.deepEqual(complete('compile', '-o', 'j').words, ['json']);
    assert.deepEqual(complete('compile', '--proxy-mode', 'ip').words, ['iptables', 'ipvs']);
    assert.deepEqual(complete('completion', '').words, ['bash', 'zsh', 'fish']);
    assert.deepEqual(complete('explain', 'yaml').words, ['yaml-syntax']);
    assert.deepEqual(complete('explain', 'firewall').words, ['firewall-drops-all']);
    assert.deepEqual(complete('lint', '--ignore', 'two-m').words, ['two-modes']);
    assert.deepEqual(complete('compile', '--silence', 'no-obj').words, ['no-objects']);
    assert.deepEqual(complete('compile', '--silence', 'yaml').words, []);
  });

  it('leaves paths to the shell', () => {
    assert.deepEqual(complete('compile', '-f', ''), { words: [], directive: ':0' });
    assert.deepEqual(complete('compile', '-f', 'a.yaml', 'b'), { words: [], directive: ':0' });
    assert.deepEqual(complete('compile', '--config', 'k'), { words: [], directive: ':0' });
    assert.deepEqual(complete('compile', '--out', ''), { words: [], directive: ':16' });
    assert.equal(complete('compile', '--node', '').directive, ':4');
  });
});
