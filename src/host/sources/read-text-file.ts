import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { sourceErrorOf } from './source-error.ts';

/** A file, or standard input for `-`. Rejects with a SourceError that names it. */
export async function readTextFile(path: string): Promise<string> {
  const read = path === '-' ? text(process.stdin) : readFile(path, 'utf8');
  return await read.catch((error: unknown) => {
    throw sourceErrorOf(path === '-' ? '<stdin>' : path, error);
  });
}
