import assert from 'node:assert/strict';
import { CommandFailed, type CommandFailure } from '../../../src/host/exec.ts';
import { RestoreRejected } from '../../../src/host/iptables/restore-rejected.ts';

const PAYLOAD = [
  '*nat\n:KUBE-A - [0:0]\n-A KUBE-A -j ACCEPT\n-A KUBE-A -j NONE\n',
  'COMMIT\n',
  '*filter\n-A X -j DROP\n',
  'COMMIT\n',
];

function rejected(failure: Partial<CommandFailure>, payload: readonly string[] = PAYLOAD): RestoreRejected {
  const failed = new CommandFailed({
    command: 'nsenter',
    args: ['--net=/run/netns/a', 'iptables-nft-restore', '--noflush'],
    exitCode: 1,
    signal: undefined,
    timedOut: false,
    notFound: false,
    stdout: '',
    stderr: '',
    ...failure,
  });
  return new RestoreRejected(failed, 'ipv4', payload);
}

describe('RestoreRejected', () => {
  it('shows the line that iptables-legacy-restore names, and three on either side', () => {
    const error = rejected({
      exitCode: 2,
      stderr:
        "iptables-restore v1.8.9 (legacy): Couldn't load target `NONE':No such file or directory\n\nError occurred at line: 4\nTry `iptables-restore -h' or 'iptables-restore --help' for more information.\n",
    });
    assert.equal(error.line, 4);
    assert.deepEqual(error.details, [
      '  1 *nat',
      '  2 :KUBE-A - [0:0]',
      '  3 -A KUBE-A -j ACCEPT',
      '> 4 -A KUBE-A -j NONE',
      '  5 COMMIT',
      '  6 *filter',
      '  7 -A X -j DROP',
    ]);
    assert.match(error.message, /^iptables-nft-restore: .*Couldn't load target `NONE'/);
    assert.doesNotMatch(error.message, /Try|\n/);
  });

  it('understands the words of iptables-nft-restore for what the kernel refused', () => {
    const error = rejected({
      exitCode: 4,
      stderr:
        'iptables-nft-restore v1.8.9 (nf_tables): \nline 7: RULE_APPEND failed (No such file or directory): rule in chain X\n',
    });
    assert.equal(error.line, 7);
    assert.equal(
      error.details.find((line) => line.startsWith('>')),
      '> 7 -A X -j DROP',
    );
    assert.equal(error.details[0], '  4 -A KUBE-A -j NONE');
  });

  it('understands the short words of both', () => {
    assert.equal(rejected({ stderr: 'iptables-restore: line 2 failed\n' }).line, 2);
    assert.equal(rejected({ stderr: 'iptables-restore: line 2 failed: Chain already exists.\n' }).line, 2);
  });

  it('cuts the excerpt at the ends, and does without one for a line that is not there', () => {
    assert.deepEqual(rejected({ stderr: 'line 1 failed' }).details.slice(0, 2), ['> 1 *nat', '  2 :KUBE-A - [0:0]']);
    assert.deepEqual(rejected({ stderr: 'line 900 failed' }).details, []);
    assert.deepEqual(rejected({ stderr: 'out of memory' }).details, []);
  });

  it('aligns numbers of two widths', () => {
    const lines = Array.from({ length: 12 }, (_, i) => `-A KUBE-A -j R${i + 1}\n`);
    const { details } = rejected({ stderr: 'line 9 failed' }, lines);
    assert.deepEqual(
      [details[0], details[3], details[6]],
      ['   6 -A KUBE-A -j R6', '>  9 -A KUBE-A -j R9', '  12 -A KUBE-A -j R12'],
    );
  });

  it('says who holds things up, and what to do', () => {
    const locked = rejected({
      exitCode: 4,
      stderr:
        'Another app is currently holding the xtables lock; still 1s 0us time ahead to have a chance to grab the lock...\n',
    });
    assert.match(locked.message, /another program holds the xtables lock/);
    assert.match(locked.advice ?? '', /--lock-timeout/);
    assert.match(rejected({ stderr: 'Permission denied (you must be root)' }).advice ?? '', /as root/);
    assert.match(rejected({ timedOut: true, exitCode: undefined }).advice ?? '', /--command-timeout/);
    const missing = { command: 'iptables-nft-restore', notFound: true, exitCode: undefined };
    assert.match(rejected(missing).advice ?? '', /install what iptables-nft-restore is part of/);
  });
});
