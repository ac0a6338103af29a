import { diagnose, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { nodeIo, type SourceIo } from '../../host/sources/source-io.ts';
import { findCases } from '../../host/testing/find-cases.ts';
import { readCase } from '../../host/testing/read-case.ts';
import type { CaseReport, TestReport } from '../output/test-report.ts';
import { testCase } from './test-case.ts';

export interface TestFolderOptions {
  /** Only cases with this in their names. */
  readonly filter?: string | undefined;
  readonly update?: boolean | undefined;
  /** Called before each case. */
  readonly onCase?: (name: string, number: number, of: number) => Promise<void>;
}

export interface TestedFolder {
  readonly report: TestReport;
  /** Why there is no case at all. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Judges all cases of a directory, one after the other in the order of their names. Rejects with a SourceError. */
export async function testFolder(
  folder: string,
  { filter = '', update = false, onCase }: TestFolderOptions = {},
  io: SourceIo = nodeIo,
): Promise<TestedFolder> {
  const found = await findCases(folder, io);
  const wanted = found.cases.filter(({ name }) => name.includes(filter));
  const cases: CaseReport[] = [];
  for (const [i, one] of wanted.entries()) {
    await onCase?.(one.name, i + 1, wanted.length);
    cases.push(await testCase(await readCase(one, io), update, io));
  }
  const isNoneLeft = found.cases.length > 0 && wanted.length === 0;
  const none = isNoneLeft ? [noneLeft(folder, filter, found.cases.length)] : [];
  return { report: { cases }, diagnostics: [...found.diagnostics, ...none] };
}

function noneLeft(folder: string, filter: string, all: number): Diagnostic {
  const message = `no case has ${JSON.stringify(filter)} in its name; there ${all === 1 ? 'is 1' : `are ${all}`}`;
  return diagnose('test-no-cases', { message, location: { file: folder } });
}
