import { CommandFailed, type CommandRunner } from '../exec.ts';
import { C_LOCALE } from './c-locale.ts';

/**
 * Whether the running kernel surely has not got this part, neither as a loaded module nor built in. A built-in part without parameters
 * is not in /sys/module, and the list of built-in ones may be missing: then it is not sure.
 */
export async function isSurelyAbsent(runner: CommandRunner, module: string): Promise<boolean> {
  const loaded = await outputOf(runner, 'ls', ['/sys/module']);
  if (loaded === undefined || loaded.split('\n').includes(module)) return false;
  const release = (await outputOf(runner, 'uname', ['-r']))?.trim();
  if (release === undefined) return false;
  const builtIn = await outputOf(runner, 'cat', [`/lib/modules/${release}/modules.builtin`]);
  return builtIn !== undefined && builtIn !== '' && !builtIn.includes(`/${module}.ko`);
}

async function outputOf(runner: CommandRunner, command: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return (await runner.run(command, args, { environment: C_LOCALE })).stdout;
  } catch (error) {
    if (error instanceof CommandFailed) return undefined;
    throw error;
  }
}
