import assert from 'node:assert/strict';
import { commandAdvice } from '../../src/host/command-advice.ts';
import { CommandFailed, type CommandFailure } from '../../src/host/exec.ts';

function failed(how: Partial<CommandFailure>): CommandFailed {
  const nothing = { exitCode: 1, signal: undefined, timedOut: false, notFound: false, stdout: '', stderr: '' };
  return new CommandFailed({ command: 'iptables-nft-save', args: [], ...nothing, ...how });
}

describe('commandAdvice', () => {
  const cases: readonly (readonly [string, Partial<CommandFailure>, string | undefined])[] = [
    ['a missing tool', { notFound: true }, 'install what iptables-nft-save is part of: iptables 1.8 or newer'],
    ['a missing tool of others', { command: 'flock', notFound: true }, 'install what flock is part of: util-linux'],
    [
      'a tool that is missing inside of a namespace',
      { command: 'nsenter', exitCode: 127, stderr: 'nsenter: failed to execute ip6tables-legacy-save: No such file\n' },
      'install what ip6tables-legacy-save is part of: iptables 1.8 or newer',
    ],
    ['no root', { stderr: 'Could not fetch rule set generation id: Permission denied' }, 'run chainsmith as root'],
    ['a held lock', { exitCode: 4, stderr: 'holding the xtables lock' }, 'wait longer with --lock-timeout SECONDS'],
    ['a tool that hangs', { timedOut: true }, 'give it more time with --command-timeout SECONDS'],
    [
      'a restore of iptables-nft that others overtake again and again',
      { command: 'nsenter', args: ['--net=/proc/1/ns/net', 'iptables-nft-restore', '--noflush'], timedOut: true },
      'iptables-nft-restore begins again whenever another program has written rules: stop what writes without a pause, or give it more time with --command-timeout SECONDS',
    ],
    ['a busy chain, which has the status of a lock', { exitCode: 4, stderr: 'Device or resource busy' }, undefined],
  ];
  for (const [name, how, advice] of cases) it(`knows ${name}`, () => assert.equal(commandAdvice(failed(how)), advice));
});
