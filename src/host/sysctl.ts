import type { CommandRunner } from './exec.ts';
import { HostError } from './host-error.ts';

/**
 * The file of a `key` as sysctl(8) spells it. Only net.* belongs to a network namespace; the rest is the machine's, and throws. Through /proc
 * and a process inside: a minimal Debian has no sysctl(8).
 */
export function sysctlPath(key: string): string {
  if (!/^net(\.[\w-]+)+$/.test(key)) throw new RangeError(`${key} does not belong to a network namespace`);
  return `/proc/sys/${key.replaceAll('.', '/')}`;
}

/** The value without the newline. `key` as sysctl(8) spells it: net.ipv4.ip_forward. Rejects what the kernel cannot have said. */
export async function readSysctl(runner: CommandRunner, key: string): Promise<string> {
  const { stdout } = await runner.run('cat', [sysctlPath(key)]);
  const value = /^([ -~\t]+)\n$/.exec(stdout)?.[1];
  if (value === undefined) throw new HostError(`${sysctlPath(key)} has no value that could be read`);
  return value;
}

/** Several at once, by key. */
export async function readSysctls(
  runner: CommandRunner,
  keys: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (keys.length === 0) return new Map();
  const { stdout } = await runner.run('cat', keys.map(sysctlPath));
  const lines = stdout.split('\n');
  if (
    lines.length !== keys.length + 1 ||
    lines.at(-1) !== '' ||
    !lines.slice(0, -1).every((l) => /^[ -~\t]+$/.test(l))
  ) {
    throw new HostError(`${keys.map(sysctlPath).join(', ')} have no values that could be read`);
  }
  return new Map(keys.map((key, i) => [key, lines[i] ?? '']));
}

/** Resolves when the kernel has taken the value, and says so. */
export async function writeSysctl(runner: CommandRunner, key: string, value: string): Promise<void> {
  await runner.run('tee', [sysctlPath(key)], { input: `${value}\n`, discardOutput: true });
  const found = await readSysctl(runner, key);
  if (found !== value) throw new HostError(`${key} is ${found}, though ${value} was written`);
}
