import { join } from 'node:path';
import { diagnose, hasErrors, type Diagnostic } from '../../core/diag/diagnostic.ts';
import type { DocumentLocation } from '../../core/diag/source-location.ts';
import { didYouMean } from '../../core/util/suggestion.ts';
import { decodeText } from '../sources/decode-text.ts';
import { parseText } from '../sources/parse-text.ts';
import { sourceErrorOf } from '../sources/source-error.ts';
import { nodeIo, type SourceIo } from '../sources/source-io.ts';
import { CASE_OPTIONS, CONFIG, EXPECTED, FLOWS, INPUTS, KNOWN } from './case-files.ts';
import type { FoundCase } from './find-cases.ts';

/** A file with one YAML document. */
export interface CaseDocument {
  readonly document: unknown;
  readonly location: DocumentLocation;
}

/** A case as it was read; what its options and flows mean is for others. */
export interface TestCase extends Pick<FoundCase, 'name' | 'folder'> {
  /** Names in the folder of what is compiled; case.yaml may say otherwise. */
  readonly inputs: readonly string[];
  readonly hasConfig: boolean;
  /** `defaults.yaml` from the outermost on, then `case.yaml`. */
  readonly options: readonly CaseDocument[];
  readonly flows: CaseDocument | undefined;
  /** The expected files that are there, by name. */
  readonly expected: ReadonlyMap<string, string>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the files of a case, except for its input. Rejects with a SourceError if one cannot be opened. */
export async function readCase(found: FoundCase, io: SourceIo = nodeIo): Promise<TestCase> {
  const { name, folder, entries, defaults } = found;
  const diagnostics: Diagnostic[] = misspelt(found);
  const options: CaseDocument[] = [];
  for (const path of [...defaults, ...(entries.includes(CASE_OPTIONS) ? [join(folder, CASE_OPTIONS)] : [])]) {
    const read = await readDocument(path, io);
    // A file of comments has no options.
    if (!read.isEmpty) diagnostics.push(...read.diagnostics);
    if (read.found !== undefined) options.push(read.found);
  }
  const flows = entries.includes(FLOWS) ? await readDocument(join(folder, FLOWS), io) : undefined;
  diagnostics.push(...(flows?.diagnostics ?? []));
  const expected = new Map<string, string>();
  for (const file of EXPECTED.filter((one) => entries.includes(one))) {
    const decoded = decodeText(await readBytes(join(folder, file), io), join(folder, file));
    if ('problem' in decoded) diagnostics.push(decoded.problem);
    else expected.set(file, decoded.text);
  }
  const inputs = INPUTS.filter((one) => entries.includes(one));
  return {
    name,
    folder,
    inputs,
    hasConfig: entries.includes(CONFIG),
    options,
    flows: flows?.found,
    expected,
    diagnostics,
  };
}

/** Names that are nearly those of files that are read; what has another ending, such as a backup, is something else. */
function misspelt({ folder, entries }: FoundCase): Diagnostic[] {
  return entries.flatMap((entry) => {
    if (KNOWN.includes(entry)) return [];
    const [, stem = '', ending = ''] = /^([^.].*)\.(\w+)$/.exec(entry) ?? [];
    const meant = ending.toLowerCase() === 'yml' ? '.yaml' : `.${ending.toLowerCase()}`;
    const stems = KNOWN.filter((one) => one.endsWith(meant)).map((one) => one.slice(0, -meant.length));
    const near = didYouMean(stem.slice(0, 60), stems);
    if (near === undefined || stem === '') return [];
    const message = `${entry} is nearly the name of a file that is read`;
    const location = { file: join(folder, entry) };
    return [diagnose('test-unknown-file', { message, hint: `did you mean ${near}${meant}?`, location })];
  });
}

async function readBytes(path: string, io: SourceIo): Promise<Uint8Array> {
  return await io.readFile(path).catch((error: unknown) => {
    throw sourceErrorOf(path, error);
  });
}

interface ReadDocument {
  readonly found: CaseDocument | undefined;
  readonly isEmpty: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

async function readDocument(path: string, io: SourceIo): Promise<ReadDocument> {
  const decoded = decodeText(await readBytes(path, io), path);
  if ('problem' in decoded) return { found: undefined, isEmpty: false, diagnostics: [decoded.problem] };
  const { documents, locations, diagnostics } = parseText(decoded.text, path);
  if (hasErrors(diagnostics)) return { found: undefined, isEmpty: false, diagnostics };
  const [document] = documents;
  const [location] = locations;
  if (documents.length === 1 && location !== undefined) {
    return { found: { document, location }, isEmpty: false, diagnostics: [] };
  }
  const isEmpty = documents.length === 0;
  const message = isEmpty ? 'the file is empty' : `the file holds ${documents.length} documents, not one`;
  const problem = diagnose('test-unreadable', { message, location: { file: path } });
  return { found: undefined, isEmpty, diagnostics: [problem] };
}
