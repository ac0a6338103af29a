import { CommandFailed, type CommandRunner } from '../exec.ts';
import { C_LOCALE } from '../c-locale.ts';

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

/**
 * What tools say on a kernel that has not got their part (nfnetlink answers EINVAL for a subsystem that nobody registered), as seen with
 * iptables 1.8.9, nft 1.0.6, nfacct 1.0.2 and ipset 7.17 on Linux 6.1. They try to load the module before that.
 */
const NO_SUBSYSTEM = new RegExp(
  [
    '(?:Could not fetch rule set generation id|Failed to initialize nft): (?:Invalid argument|Protocol not supported)',
    'cache initialization failed: Invalid argument',
    'Unable to initialize Netlink socket: Protocol not supported',
    'nfacct .*: (?:error: Invalid argument|mnl_socket_open: Protocol not supported)',
    'ipset .*: Cannot open session to kernel',
  ].join('|'),
);

export function saysAbsent({ stderr }: CommandFailed): boolean {
  return NO_SUBSYSTEM.test(stderr);
}

async function outputOf(runner: CommandRunner, command: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return (await runner.run(command, args, { environment: C_LOCALE })).stdout;
  } catch (error) {
    if (error instanceof CommandFailed) return undefined;
    throw error;
  }
}
