import { readdir, readFile, stat } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';

export interface PathInfo {
  readonly kind: 'file' | 'directory' | 'other';
  /** The same for two paths of one file: a directory inside itself (by a symbolic link) is seen by it. */
  readonly id: string;
}

/** What reading manifests needs of a machine. */
export interface SourceIo {
  readonly readFile: (path: string) => Promise<Uint8Array>;
  /** Names in a directory, in any order. */
  readonly list: (path: string) => Promise<readonly string[]>;
  /** Follows symbolic links. */
  readonly stat: (path: string) => Promise<PathInfo>;
  /** All of standard input. */
  readonly readStdin: () => Promise<Uint8Array>;
}

async function statPath(path: string): Promise<PathInfo> {
  const found = await stat(path);
  const kind = found.isDirectory() ? 'directory' : found.isFile() ? 'file' : 'other';
  return { kind, id: `${found.dev}:${found.ino}` };
}

export const nodeIo: SourceIo = {
  readFile: (path) => readFile(path),
  list: (path) => readdir(path),
  stat: statPath,
  readStdin: () => buffer(process.stdin),
};
