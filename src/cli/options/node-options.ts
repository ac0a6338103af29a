// Options of every command that looks at a node or changes it.
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Variant } from '../../host/iptables/tools.ts';

/** These as commander stores them. */
export interface NodeFlags {
  readonly netns?: string;
  readonly variant: Variant | 'auto';
  /** Seconds. */
  readonly lockTimeout: number;
  /** Seconds. */
  readonly commandTimeout: number;
}

export function addKernelOptions(command: Command): void {
  command
    .optionsGroup('Kernel:')
    .option('--netns <name>', 'a network namespace: its name, a path, or pid:N of a process in it (default: this one)')
    .addOption(
      new Option('--variant <variant>', 'which iptables: auto is the one that has KUBE chains, else the default one')
        .choices(['auto', 'nft', 'legacy'])
        .default('auto'),
    )
    .addOption(secondsOption('--lock-timeout <seconds>', 'how long to wait for a lock that others hold', 30))
    .addOption(secondsOption('--command-timeout <seconds>', 'how long one run of an iptables tool may take', 300));
}

function secondsOption(flags: string, description: string, seconds: number): Option {
  return new Option(flags, description).argParser(parseSeconds).default(seconds);
}

function parseSeconds(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('Give a whole number of seconds.');
  return Number(text);
}

export function stateDirOption(): Option {
  return new Option('--state-dir <dir>', 'where apply keeps what it replaces, for undo').default('/var/lib/chainsmith');
}
