import { compareStrings } from '../../core/util/order.ts';
import { describeErrno } from './errno.ts';
import { sourceErrorOf } from './source-error.ts';
import type { PathInfo, SourceIo } from './source-io.ts';

const MANIFEST = /\.(ya?ml|json)$/i;

export interface FoundFile {
  /** `-` for standard input. */
  readonly path: string;
  /** It was found in a directory, nobody named it. */
  readonly inDirectory: boolean;
}

export interface FoundFiles {
  readonly files: readonly FoundFile[];
  /** Directories in which there was nothing to read. */
  readonly empty: readonly string[];
  /** Symbolic links with a manifest's name that lead nowhere. */
  readonly broken: readonly string[];
}

/**
 * Turns the paths of the command line into files. A directory means all manifests in it and below, by name; hidden files and
 * directories are skipped (editors, git, and the `..data` links of mounted ConfigMaps, whose files are also linked by name), and so
 * are npm's packages.
 */
export async function expandPaths(paths: readonly string[], io: SourceIo): Promise<FoundFiles> {
  const files: FoundFile[] = [];
  const empty: string[] = [];
  const broken: string[] = [];
  for (const path of new Set(paths)) {
    const info = path === '-' ? undefined : await statOf(path, io);
    if (info?.kind !== 'directory') {
      files.push({ path, inDirectory: false });
      continue;
    }
    const found = await walk(path, { io, wanted: MANIFEST, onBrokenLink: (link) => broken.push(link) }, [info.id]);
    if (found.length === 0) empty.push(path);
    for (const file of found) files.push({ path: file, inDirectory: true });
  }
  return { files, empty, broken };
}

/** All files below a directory whose names match, sorted; hidden ones are skipped. */
export async function filesBelow(folder: string, search: Search): Promise<string[]> {
  const info = await statOf(folder, search.io);
  return walk(folder, search, [info.id]);
}

export interface Search {
  readonly io: SourceIo;
  readonly wanted: RegExp;
  /** Called for a wanted name that leads nowhere; without it that is an error. */
  readonly onBrokenLink?: (path: string) => void;
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
    if (name.startsWith('.') || name === 'node_modules') continue;
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
async function linkedStat(path: string, { io, wanted, onBrokenLink }: Search): Promise<PathInfo | undefined> {
  try {
    return await io.stat(path);
  } catch (error) {
    if (!wanted.test(path)) return undefined;
    const leadsNowhere = ['ENOENT', 'ELOOP'].includes(describeErrno(error).code ?? '');
    if (!leadsNowhere || onBrokenLink === undefined) throw sourceErrorOf(path, error);
    onBrokenLink(path);
    return undefined;
  }
}
