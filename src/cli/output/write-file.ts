import { open, realpath, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { OutputError } from './streams.ts';
import { writeFiles } from './write-files.ts';

/**
 * One file, old or new and complete for whoever reads it (`writeFiles`). A symbolic link stays one, and a device or pipe
 * (/dev/stdout, /dev/null) is written to as it is: a rename would put a file in its place.
 */
export async function writeFile(path: string, parts: Iterable<string>): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const found = await stat(target).catch(() => undefined);
  if (found === undefined || found.isFile()) {
    await writeFiles(dirname(target), new Map([[basename(target), [...parts].join('')]]));
    return;
  }
  try {
    const file = await open(target, 'w');
    try {
      for (const part of parts) await file.write(part);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new OutputError(path, error);
  }
}
