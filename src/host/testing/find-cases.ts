import { basename, join, resolve } from 'node:path';
import { diagnose, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { compareStrings } from '../../core/util/order.ts';
import { sourceErrorOf, SourceError } from '../sources/source-error.ts';
import { nodeIo, type PathInfo, type SourceIo } from '../sources/source-io.ts';
import { DEFAULT_OPTIONS, MARKS } from './case-files.ts';

/** A folder that is a case. */
export interface FoundCase {
  /** Its path below the directory, with `/`; the directory's own name if that is a case itself. */
  readonly name: string;
  readonly folder: string;
  /** What is in it, sorted. */
  readonly entries: readonly string[];
  /** The `defaults.yaml` that count for it, the outermost first. */
  readonly defaults: readonly string[];
}

export interface FoundCases {
  /** Sorted by name. */
  readonly cases: readonly FoundCase[];
  readonly diagnostics: readonly Diagnostic[];
}

interface Place {
  readonly path: string;
  readonly name: string;
  readonly defaults: readonly string[];
  /** The directories we are in: a link to one of them would never end. */
  readonly above: readonly string[];
}

/**
 * All cases in a directory and below it; hidden directories and npm's packages are skipped, and what is inside a case is its own. Rejects
 * with a SourceError if a directory cannot be read.
 */
export async function findCases(root: string, io: SourceIo = nodeIo): Promise<FoundCases> {
  const info = await statOf(root, io);
  if (info.kind !== 'directory') throw new SourceError(root, 'it is a file (give the directory of the cases)');
  const cases = await walk({ path: root, name: '', defaults: [], above: [info.id] }, io);
  if (cases.length > 0) return { cases: cases.toSorted((a, b) => compareStrings(a.name, b.name)), diagnostics: [] };
  const hint = 'a case is a folder with input.yaml, and iptables.rules or flows.yaml beside it';
  const message = 'there is no case in the directory';
  return { cases, diagnostics: [diagnose('test-no-cases', { message, hint, location: { file: root } })] };
}

async function walk({ path, name, defaults, above }: Place, io: SourceIo): Promise<readonly FoundCase[]> {
  const names = await io.list(path).catch((error: unknown) => {
    throw sourceErrorOf(path, error);
  });
  const entries = names.toSorted(compareStrings);
  const here = entries.includes(DEFAULT_OPTIONS) ? [...defaults, join(path, DEFAULT_OPTIONS)] : defaults;
  if (entries.some((entry) => MARKS.includes(entry))) {
    return [{ name: name === '' ? basename(resolve(path)) : name, folder: path, entries, defaults: here }];
  }
  const found: FoundCase[] = [];
  for (const entry of entries) {
    if (entry.startsWith('.') || entry === 'node_modules') continue;
    const inner = join(path, entry);
    // A link that leads nowhere is no folder.
    const info = await io.stat(inner).catch(() => undefined);
    if (info?.kind !== 'directory' || above.includes(info.id)) continue;
    const place = { path: inner, name: name === '' ? entry : `${name}/${entry}`, defaults: here };
    found.push(...(await walk({ ...place, above: [...above, info.id] }, io)));
  }
  return found;
}

async function statOf(path: string, io: SourceIo): Promise<PathInfo> {
  return await io.stat(path).catch((error: unknown) => {
    throw sourceErrorOf(path, error);
  });
}
