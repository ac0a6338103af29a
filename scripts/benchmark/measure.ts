import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

export interface Streams {
  /** Files; nothing where left out. */
  readonly input?: string;
  readonly output?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Seconds that a command took; throws if it failed. */
export function secondsOf(command: string, args: readonly string[], { input, output, env }: Streams = {}): number {
  const stdin = input === undefined ? undefined : openSync(input, 'r');
  const stdout = output === undefined ? undefined : openSync(output, 'w');
  const start = performance.now();
  const { status, error, stderr } = spawnSync(command, [...args], {
    stdio: [stdin ?? 'ignore', stdout ?? 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  const seconds = (performance.now() - start) / 1000;
  for (const fd of [stdin, stdout]) if (fd !== undefined) closeSync(fd);
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} exited with ${status}: ${stderr.toString().trim()}`);
  return seconds;
}

/** Whether a command runs here at all. */
export function works(command: string, args: readonly string[]): boolean {
  return spawnSync(command, [...args], { stdio: 'ignore' }).status === 0;
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
