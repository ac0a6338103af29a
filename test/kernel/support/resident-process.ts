// The program of a resident (residents.ts): runs one command line of chainsmith for each message, as src/cli/main.ts runs its only one.
import { closeSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { readVersion } from '../../../src/cli/version.ts';
import { binary } from '../../cli/run-cli.ts';
import { END_MARK, type ResidentJob } from './residents.ts';

// Node opens them when they are first used.
const streams = [process.stdout, process.stderr];

type Run = (args: readonly string[], version: string) => Promise<number>;

function hasRun(module: unknown): module is { readonly run: Run } {
  return typeof module === 'object' && module !== null && 'run' in module && typeof module.run === 'function';
}

/** That of the bundle, which users run. */
async function loadRun(): Promise<Run> {
  const path = /import\("(\.\/chunks\/run-[^"]+)"\)/.exec(readFileSync(binary, 'utf8'))?.[1];
  const module: unknown = path === undefined ? undefined : await import(new URL(path, pathToFileURL(binary)).href);
  if (!hasRun(module)) throw new Error(`${binary} does not load its commands as it did when these tests were written`);
  return module.run;
}

/** What keeps a process from ending is given so long to go. */
const PATIENCE_MS = 10_000;
const run = await loadRun();
let runs = 0;
const own: Readonly<Record<string, string | undefined>> = { ...process.env };

function setEnvironment(environment: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(process.env)) if (!(name in own)) delete process.env[name];
  runs += 1;
  Object.assign(process.env, own, environment, { FAULT_PID: String(process.pid), FAULT_RUN: String(runs) });
}

/** Open files, processes and timers that keep this process alive. */
function resources(): readonly string[] {
  return process.getActiveResourcesInfo().toSorted();
}

/** In a process of its own chainsmith ends when nothing is left to wait for; here nothing may be left but what was there before. */
async function leftOver(before: readonly string[]): Promise<string> {
  const start = performance.now();
  for (;;) {
    const left = [...resources()];
    for (const one of before) if (left.includes(one)) left.splice(left.indexOf(one), 1);
    if (left.length === 0) return '';
    if (performance.now() - start > PATIENCE_MS) return left.join();
    await sleep(2);
  }
}

/** The end of a process lets go of the namespace that it has worked in. Held open here, each would live until the last run. */
function closeNamespaces(): void {
  for (const fd of readdirSync('/proc/self/fd')) {
    let path: string;
    try {
      path = readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // The one that the folder was read by.
      continue;
    }
    if (path.startsWith('/run/netns/')) closeSync(Number(fd));
  }
}

async function act({ args, environment }: ResidentJob): Promise<void> {
  setEnvironment(environment);
  const before = resources();
  process.exitCode = undefined;
  const status = await run(args, readVersion());
  process.exitCode = undefined;
  const left = await leftOver(before);
  closeNamespaces();
  // Each run listens for them anew.
  for (const stream of streams) stream.removeAllListeners('error').write(END_MARK);
  process.send?.({ status, left });
}

process.on('message', (job: ResidentJob) => void act(job));
