import assert from 'node:assert/strict';
import { CommandFailed, type CommandRunner } from '../../src/host/exec.ts';
import { HostError } from '../../src/host/host-error.ts';
import { addNfacct, deleteNfacct, listNfacct } from '../../src/host/nfacct.ts';
import { ScriptedRunner } from '../../src/host/scripted-runner.ts';

const OBJECT = (name: string): string => `{ pkts = 00000000000000000000, bytes = 00000000000000000000 } = ${name};\n`;

describe('nfacct objects', () => {
  it('are listed by name', async () => {
    const runner = new ScriptedRunner([{ line: 'nfacct list', stdout: OBJECT('a') + OBJECT('b_c') }]);
    assert.deepEqual(await listNfacct(runner), ['a', 'b_c']);
    assert.deepEqual(await listNfacct(new ScriptedRunner([{ line: 'nfacct list' }])), []);
  });

  for (const stdout of ['half of { pkts', `${OBJECT('a')}{ pkts = 0000`, 'Chain INPUT (policy ACCEPT)\n']) {
    it(`are not read from ${JSON.stringify(stdout.slice(-20))}`, async () => {
      await assert.rejects(listNfacct(new ScriptedRunner([{ line: 'nfacct list', stdout }])), HostError);
    });
  }

  it('are added and deleted', async () => {
    const runner = new ScriptedRunner([{ line: 'nfacct add a' }, { line: 'nfacct delete a' }]);
    await addNfacct(runner, 'a');
    await deleteNfacct(runner, 'a');
    runner.assertFinished();
  });

  it('need a program, and say which', async () => {
    const none: CommandRunner = {
      run: (command, args) => {
        const failure = { exitCode: undefined, signal: undefined, timedOut: false, notFound: true };
        return Promise.reject(new CommandFailed({ command, args, ...failure, stdout: '', stderr: '' }));
      },
      which: () => Promise.resolve(undefined),
    };
    await assert.rejects(
      listNfacct(none),
      (error) => error instanceof HostError && /apt install nfacct/.test(error.advice ?? ''),
    );
  });
});
