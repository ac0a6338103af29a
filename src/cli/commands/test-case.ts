import { isAbsolute, join, normalize } from 'node:path';
import { readFlows } from '../../core/analyze/flows/read-flows.ts';
import { diagnose, hasErrors, sortDiagnostics, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { locatePart } from '../../core/diag/source-location.ts';
import { fieldOf, isMapping } from '../../core/util/mapping.ts';
import { sortedBy } from '../../core/util/order.ts';
import { describeErrno } from '../../host/sources/errno.ts';
import { DIAGNOSTICS } from '../../host/testing/case-files.ts';
import type { TestCase } from '../../host/testing/read-case.ts';
import type { SourceIo } from '../../host/sources/source-io.ts';
import { SourceError } from '../../host/sources/source-error.ts';
import { writeFiles } from '../output/write-files.ts';
import { statusOf, type CaseReport } from '../output/test-report.ts';
import { compileCase, type CompiledCase } from './test-compile.ts';
import { checkFiles, freshFiles } from './test-files.ts';
import { checkFlows } from './test-flows.ts';
import { readCaseOptions } from './test-options.ts';

/** Compiles a case, and judges its files and flows. With `update`, expected rules are written anew, unless flows say otherwise. */
export async function testCase(read: TestCase, update: boolean, io: SourceIo): Promise<CaseReport> {
  const { flags, diagnostics } = readCaseOptions(read);
  const { flows, diagnostics: aboutFlows } =
    read.flows === undefined ? { flows: [], diagnostics: [] } : readFlows(read.flows.document, read.flows.location);
  const before = [...read.diagnostics, ...diagnostics, ...aboutFlows];
  const wrong = before.filter(({ severity }) => severity === 'error');
  const errors = wrong.length > 0 ? wrong : incomplete(read, flags.filename, update);
  if (errors.length > 0) return reportOf(read, { errors: sortedBy(errors, fileOf, lineOf, ({ message }) => message) });
  let compiled: CompiledCase;
  try {
    compiled = await compileCase(read.folder, flags, io);
  } catch (error) {
    // A file that a case names and that is not there is a fault of that case alone.
    if (!(error instanceof SourceError)) throw error;
    return reportOf(read, { errors: [unreadable(read, error)] });
  }
  const found = compiled.diagnostics.map((diagnostic) => placed(diagnostic, read));
  const notes = found.filter(({ severity }) => severity !== 'error');
  // With diagnostics.txt, what is wrong with the input is what the case is about.
  if (hasErrors(found) && !read.expected.has(DIAGNOSTICS)) {
    return reportOf(read, { errors: sortDiagnostics(found.filter(({ severity }) => severity === 'error')), notes });
  }
  const judged = judge(read, compiled, flows, notes);
  return update ? await updated(read, compiled, judged) : judged;
}

function fileOf({ location }: Diagnostic): string {
  return location?.file ?? '';
}

function lineOf({ location }: Diagnostic): number {
  return location?.line ?? 0;
}

function judge(
  read: TestCase,
  compiled: CompiledCase,
  flows: Parameters<typeof checkFlows>[0],
  notes: readonly Diagnostic[],
): CaseReport {
  const files = checkFiles(read, compiled);
  if (read.flows === undefined) return reportOf(read, { checks: files, notes });
  const { checks, errors } = checkFlows(flows, compiled, read.flows.location);
  return reportOf(read, { checks: [...files, ...checks], errors, notes });
}

function reportOf({ name }: TestCase, parts: Partial<Omit<CaseReport, 'name'>>): CaseReport {
  return { name, checks: [], errors: [], notes: [], written: [], ...parts };
}

/** A case that would pass whatever the rules are. */
function incomplete(
  { folder, expected, flows, options }: TestCase,
  filename: readonly string[] | undefined,
  update: boolean,
): readonly Diagnostic[] {
  const location = { file: folder };
  if (filename === undefined) {
    const message = 'the case has no input';
    const onlyOptions = options.length > 0 && expected.size === 0 && flows === undefined;
    const hint = onlyOptions
      ? 'options of all cases below a folder are in defaults.yaml'
      : 'add input.yaml, input/ or snapshot.json, or filename in case.yaml';
    return [diagnose('test-case-incomplete', { message, hint, location })];
  }
  if (expected.size > 0 || flows !== undefined || update) return [];
  const message = 'nothing is expected of the case';
  const hint = 'write flows.yaml, or let --update write iptables.rules and ip6tables.rules';
  return [diagnose('test-case-incomplete', { message, hint, location })];
}

function unreadable({ folder, options }: TestCase, error: SourceError): Diagnostic {
  const { path, cause, message } = error;
  const said =
    cause === undefined ? message : `cannot read ${normalize(join(folder, path))}: ${describeErrno(cause).text}`;
  const hint = 'paths in case.yaml and defaults.yaml are relative to their own folder';
  const document = options.findLast(
    (one) => isMapping(one.document) && PATH_KEYS.some((key) => fieldOf(one.document, key)),
  );
  const key = PATH_KEYS.find((one) => fieldOf(document?.document, one) !== undefined);
  const location = key === undefined ? undefined : locatePart(document?.location, [key]);
  return diagnose('test-case-incomplete', { message: said, hint, location: location ?? { file: folder } });
}

const PATH_KEYS = ['filename', 'config', 'templates'] as const;

/** As seen from where the command runs; options of case.yaml at their line. */
function placed(diagnostic: Diagnostic, { folder, options }: TestCase): Diagnostic {
  const { location, message } = diagnostic;
  if (location !== undefined) {
    const file = isAbsolute(location.file) ? location.file : normalize(join(folder, location.file));
    return { ...diagnostic, location: { ...location, file } };
  }
  const flag = /^--([a-z0-9-]+)/.exec(message)?.[1];
  if (flag === undefined) return diagnostic;
  const at = options.findLast(({ document }) => isMapping(document) && Object.hasOwn(document, flag));
  const place = locatePart(at?.location, [flag]);
  return place === undefined ? diagnostic : { ...diagnostic, location: place };
}

async function updated(read: TestCase, compiled: CompiledCase, judged: CaseReport): Promise<CaseReport> {
  const flowsFail = judged.checks.some(({ kind, fault }) => kind === 'flow' && fault !== undefined);
  if (statusOf(judged) === 'error' || flowsFail) return judged;
  const fresh = freshFiles(read, compiled);
  if (fresh.size === 0) return judged;
  await writeFiles(read.folder, fresh);
  const expected = new Map([...read.expected, ...fresh]);
  const checks = [
    ...checkFiles({ ...read, expected }, compiled),
    ...judged.checks.filter(({ kind }) => kind === 'flow'),
  ];
  return { ...judged, checks, written: [...fresh.keys()] };
}
