// Options of every command that looks at a node or changes it.
import { InvalidArgumentError, Option, type Command } from 'commander';
import { DEFAULT_STATE_DIR } from '../../host/iptables/state-dir.ts';
import { executorNames, type ExecutorName } from '../../host/ipvs/kube-ipvs.ts';
import type { Variant } from '../../host/iptables/tools.ts';

/** These as commander stores them. */
export interface NodeFlags {
  readonly netns?: string;
  readonly variant: Variant | 'auto';
  /** Undefined: `auto`. */
  readonly executor?: ExecutorName | 'auto';
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
    .addOption(executorOption())
    .addOption(secondsOption('--lock-timeout <seconds>', 'how long to wait for a lock that others hold', 30))
    .addOption(secondsOption('--command-timeout <seconds>', 'how long one run of a tool may take', 300, 1));
}

export function executorOption(): Option {
  const what =
    'what changes connections, and in ipvs mode virtual servers and sets: auto is netlink, or the tools without koffi';
  return new Option('--executor <name>', what).choices(['auto', ...executorNames]).default('auto');
}

/** How long `apply` and `undo` wait for connections of real servers that go. */
export interface DrainFlags {
  /** Seconds. */
  readonly drainTimeout: number;
}

export function drainOption(): Option {
  const what = 'in ipvs mode, how long TCP connections to endpoints that go may live on; 0: not at all';
  return secondsOption('--drain-timeout <seconds>', what, 30);
}

export function secondsOption(flags: string, description: string, seconds: number, least = 0): Option {
  const parse = (text: string): number => {
    const ok = /^\d{1,5}$/.test(text) && Number(text) >= least;
    if (!ok) throw new InvalidArgumentError(`Give a whole number of seconds, ${least} or more.`);
    return Number(text);
  };
  return new Option(flags, description).argParser(parse).default(seconds);
}

export function stateDirOption(): Option {
  return new Option('--state-dir <dir>', 'where apply keeps what it replaces, for undo').default(DEFAULT_STATE_DIR);
}
