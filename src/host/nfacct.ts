import { CommandFailed, type CommandRunner } from './exec.ts';
import { HostError } from './host-error.ts';

/** Names of the kernel's nfacct objects in this network namespace. */
export async function listNfacct(runner: CommandRunner): Promise<readonly string[]> {
  const { stdout } = await runNfacct(runner, ['list']);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const name = /^\{ .*\} = (\S+?);?$/.exec(line)?.[1];
    if (name === undefined) throw new HostError(`nfacct list printed something that is no object: ${line}`);
    return name;
  });
}

export async function addNfacct(runner: CommandRunner, name: string): Promise<void> {
  await runNfacct(runner, ['add', name]);
}

export async function deleteNfacct(runner: CommandRunner, name: string): Promise<void> {
  await runNfacct(runner, ['delete', name]);
}

async function runNfacct(runner: CommandRunner, args: readonly string[]): Promise<{ readonly stdout: string }> {
  try {
    return await runner.run('nfacct', args);
  } catch (error) {
    if (!(error instanceof CommandFailed && error.notFound)) throw error;
    throw new HostError('--nfacct needs the program nfacct, which is not installed', {
      advice: 'install it (Debian: apt install nfacct), or leave --nfacct out',
      cause: error,
    });
  }
}
