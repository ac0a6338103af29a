import { readFile } from 'node:fs/promises';
import { sourceErrorOf } from './source-error.ts';

/** Rejects with a SourceError that names the file. */
export async function readTextFile(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch((error: unknown) => {
    throw sourceErrorOf(path, error);
  });
}
