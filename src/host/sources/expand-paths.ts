import { compareStrings } from '../../core/util/order.ts';
import { sourceErrorOf } from './source-error.ts';
import type { PathInfo, SourceIo } from './source-io.ts';

const MANIFEST = /\.(ya?ml|json)$/i;

export interface FoundFiles {
  /** Paths to read, `-` for standard input. */
  readonly files: readonly string[];
  /** Directories in which there was nothing to read. */
  readonly empty: readonly string[];
}

/**
 * Turns the paths of the command line into files. A directory means all manifests in it and below, by name; hidden files and
 * directories are skipped (editors, git, and the `..data` links of mounted ConfigMaps, whose files are also linked by name).
 */
export async function expandPaths(paths: readonly string[], io: SourceIo): Promise<FoundFiles> {
  const files: string[] = [];
  const empty: string[] = [];
  for (const path of new Set(paths)) {
    if (path === '-') {
      files.push(path);
      continue;
    }
    const info = await statOf(path, io);
    if (info.kind !== 'directory') {
      files.push(path);
      continue;
    }
    const found = await walk(path, { io, wanted: MANIFEST }, [info.id]);
    if (found.length === 0) empty.push(path);
    files.push(...found);
  }
  return { files, empty };
}

/** All files below a directory whose names match, sorted; hidden ones are skipped. */
export async function filesBelow(folder: string, search: Search): Promise<string[]> {
  const info = await statOf(folder, search.io);
  return walk(folder, search, [info.id]);
}

export interface Search {
  readonly io: SourceIo;
  readonly wanted: RegExp;
}

async function statOf(path: string, io: SourceIo): Promise<PathInfo> {
  return io.stat(path).catch((error: unknown) => {
    throw sourceErrorOf(path, error);
  });
}

/** `above` holds the ids of the directories we are in: a link to one of them would never end. */
async function walk(folder: string, search: Search, above: readonly string[]): Promise<string[]> {
  const { io, wanted } = search;
  const names = await io.list(folder).catch((error: unknown) => {
    throw sourceErrorOf(folder, error);
  });
  const found: string[] = [];
  for (const name of names.toSorted(compareStrings)) {
    if (name.startsWith('.')) continue;
    const path = folder.endsWith('/') ? `${folder}${name}` : `${folder}/${name}`;
    const info = await linkedStat(path, search);
    if (info === undefined) continue;
    if (info.kind === 'file' && wanted.test(name)) found.push(path);
    if (info.kind === 'directory' && !above.includes(info.id)) {
      found.push(...(await walk(path, search, [...above, info.id])));
    }
  }
  return found;
}

/** A broken link matters only where it has a manifest's name. */
async function linkedStat(path: string, { io, wanted }: Search): Promise<PathInfo | undefined> {
  try {
    return await statOf(path, io);
  } catch (error) {
    if (wanted.test(path)) throw error;
    return undefined;
  }
}
