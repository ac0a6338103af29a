import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** The bundled command, as users run it. */
export const binary: string = fileURLToPath(new URL('../../bin/chainsmith.js', import.meta.url));

export interface CliResult {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

export interface CliOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export function runCli(args: readonly string[], { input = '', env = {}, cwd }: CliOptions = {}): CliResult {
  const result = spawnSync(process.execPath, [binary, ...args], {
    input,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, ...env },
    maxBuffer: 1 << 28,
    ...(cwd === undefined ? {} : { cwd }),
  });
  return { status: result.status, out: result.stdout, err: result.stderr };
}

/** The same while this process goes on, for a test that serves what the command asks for. */
export async function runCliAsync(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const { input = '', env = {}, cwd } = options;
  const child = spawn(process.execPath, [binary, ...args], {
    env: { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  const ended = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [out, err, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { status, out, err };
}

/** A directory that is gone after the test. */
export function withFolder(test: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'chainsmith-cli-'));
  try {
    test(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same for a test that waits. */
export async function withFolderAsync(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'chainsmith-cli-'));
  try {
    await test(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A Service that any compiler takes. */
export const SERVICE = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {type: ClusterIP, clusterIP: 10.96.0.10, ports: [{port: 80, protocol: TCP}]}
`;
