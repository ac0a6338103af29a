import { CommandFailed, type CommandRunner } from '../exec.ts';

export interface IpSet {
  readonly name: string;
  /** How many rules, of iptables of either variant, and sets of sets refer to it. */
  readonly references: number;
  /** How many members; undefined if it is not said (Linux before 4.9). */
  readonly size?: number | undefined;
}

export interface ToolOptions {
  readonly timeoutMs: number;
}

/** All ipsets of the network namespace. Without their members, of which there may be 100,000. */
export async function listIpSets(runner: CommandRunner, { timeoutMs }: ToolOptions): Promise<readonly IpSet[]> {
  const { stdout } = await runner.run('ipset', ['list', '-t'], { timeoutMs });
  return stdout.split('\n\n').flatMap((block) => {
    const name = /^Name: (\S+)$/m.exec(block)?.[1];
    if (name === undefined) return [];
    const size = /^Number of entries: (\d+)$/m.exec(block)?.[1];
    const references = Number(/^References: (\d+)$/m.exec(block)?.[1] ?? 0);
    return [{ name, references, size: size === undefined ? undefined : Number(size) }];
  });
}

/** False if a rule or another set still refers to it. One that is gone already is no failure. */
export async function destroyIpSet(runner: CommandRunner, name: string, { timeoutMs }: ToolOptions): Promise<boolean> {
  try {
    await runner.run('ipset', ['destroy', name], { timeoutMs, ownProcessGroup: true });
    return true;
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    if (error.stderr.includes('does not exist')) return true;
    if (error.stderr.includes('in use')) return false;
    throw error;
  }
}
