import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { binary } from '../../cli/run-cli.ts';

export interface ChainsmithRun {
  /** Undefined where a signal ended it. */
  readonly status: number | undefined;
  readonly signal: string | undefined;
  readonly out: string;
  readonly err: string;
}

/** Longer than any command that hangs is given, put back included. */
export const HANGS_MS = 50_000;

/**
 * The command in a process of its own, which the variable FAULT_PID names to all that it starts.
 *
 * @param within shell commands that run before, in the same process, and end with `exec "$@"`
 */
export async function runChainsmith(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  within = 'exec "$@"',
): Promise<ChainsmithRun> {
  const script = `export FAULT_PID=$$; ${within}`;
  const child = spawn('sh', ['-c', script, 'sh', process.execPath, binary, ...args], {
    env: { ...process.env, NO_COLOR: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<readonly [number | null, string | null]>((resolve, reject) => {
    child.on('error', reject).on('close', (status, signal) => resolve([status, signal]));
  });
  let hung = false;
  const watch = setTimeout(() => {
    hung = true;
    child.kill('SIGKILL');
  }, HANGS_MS);
  const [out, err, [status, signal]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  clearTimeout(watch);
  if (hung) throw new Error(`chainsmith does not end; it has said: ${err}`);
  return { status: status ?? undefined, signal: signal ?? undefined, out, err };
}
