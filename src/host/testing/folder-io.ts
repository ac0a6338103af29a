import { isAbsolute, join } from 'node:path';
import type { SourceIo } from '../sources/source-io.ts';

/** Paths are relative to a folder: so messages name files as they stand in it, from wherever it is looked at. */
export function folderIo(folder: string, io: SourceIo): SourceIo {
  const at = (path: string): string => (isAbsolute(path) ? path : join(folder, path));
  return {
    readFile: (path) => io.readFile(at(path)),
    list: (path) => io.list(at(path)),
    stat: (path) => io.stat(at(path)),
    readStdin: () => io.readStdin(),
  };
}
