import { rmSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../host/make-folder.ts';
import { OutputError } from './streams.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Writes files so that a reader sees each either old or new and complete: into temporary files beside them first, which are then
 * renamed. If one fails, or a signal such as Ctrl-C ends the process, the old files stay and the temporary ones go.
 */
export async function writeFiles(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  await makeFolder(folder).catch((error: unknown) => {
    throw new OutputError(folder, error);
  });
  const temporary = [...files].map(([name, text]) => ({
    to: join(folder, name),
    from: join(folder, `.${name}.${process.pid}.tmp`),
    text,
  }));
  const interrupted = (signal: NodeJS.Signals): void => {
    for (const { from } of temporary) rmSync(from, { force: true });
    for (const name of SIGNALS) process.off(name, interrupted);
    process.kill(process.pid, signal);
  };
  for (const name of SIGNALS) process.once(name, interrupted);
  try {
    for (const { from, to, text } of temporary) await naming(to, writeFile(from, text));
    for (const { from, to } of temporary) await naming(to, rename(from, to));
  } finally {
    for (const name of SIGNALS) process.off(name, interrupted);
    for (const { from } of temporary) await rm(from, { force: true }).catch(() => {});
  }
}

async function naming(path: string, step: Promise<void>): Promise<void> {
  await step.catch((error: unknown) => {
    throw new OutputError(path, error);
  });
}
