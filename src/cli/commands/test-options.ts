// The options of a case: the long options of `compile` without the dashes, with the same parsers.
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { Problems } from '../../core/analyze/flows/problems.ts';
import { diagnose, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { printPath, type FieldPath } from '../../core/diag/source-location.ts';
import { ipFamilies, type IpFamily } from '../../core/model/ip.ts';
import { isDnsSubdomain } from '../../core/model/names.ts';
import { describeValue, isMapping } from '../../core/util/mapping.ts';
import { CASE_OPTIONS, CONFIG } from '../../host/testing/case-files.ts';
import type { CaseDocument, TestCase } from '../../host/testing/read-case.ts';
import { RepeatableOption } from '../options/repeatable-option.ts';
import {
  addInputOptions,
  addNodeOptions,
  addProxyOptions,
  templatesOption,
  type RulesFlags,
} from '../options/rules-options.ts';

/** The options of a case as commander would store them. Paths are relative to the folder of the case. */
export interface CaseFlags extends RulesFlags {
  readonly filename?: readonly string[];
  /** Undefined: both. */
  readonly family?: IpFamily;
}

export interface CaseOptions {
  readonly flags: CaseFlags;
  readonly diagnostics: readonly Diagnostic[];
}

type Values = Record<string, unknown>;

const INITIAL: CaseFlags = { defaults: true, randomFully: true };

/** Options whose values are paths, relative to the file that gives them. */
const PATHS: ReadonlySet<string> = new Set(['filename', 'config', 'templates']);

/**
 * `defaults.yaml` from the outermost on, then the files of the case itself, then `case.yaml`; each key wins over the same key before, and
 * null takes it away.
 */
export function readCaseOptions({ options, folder, hasConfig, inputs }: TestCase): CaseOptions {
  const known = knownOptions();
  const values: Values = { ...INITIAL };
  const own = options.filter(({ location }) => basename(location.file) === CASE_OPTIONS);
  const read = (document: CaseDocument): readonly Diagnostic[] => readDocument(document, known, values, folder);
  const found = options.filter((document) => !own.includes(document)).flatMap(read);
  if (hasConfig) values['config'] = CONFIG;
  if (inputs.length > 0) values['filename'] = inputs;
  const diagnostics = [...found, ...own.flatMap(read)];
  const flags: CaseFlags = { ...INITIAL, ...values };
  const unused = inputs.filter((name) => !(flags.filename ?? []).includes(name));
  return { flags, diagnostics: [...diagnostics, ...unused.map((name) => notRead(folder, name))] };
}

function notRead(folder: string, name: string): Diagnostic {
  const message = `filename in ${CASE_OPTIONS} names other files, and ${name} is not read`;
  const hint = `remove ${name}, or add it to filename`;
  return diagnose('test-invalid-value', { message, hint, location: { file: join(folder, CASE_OPTIONS) } });
}

function knownOptions(): ReadonlyMap<string, Option> {
  const command = new Command();
  addInputOptions(command);
  addNodeOptions(command);
  addProxyOptions(command);
  command.addOption(templatesOption());
  command.addOption(new Option('--family <family>').choices(ipFamilies));
  return new Map(command.options.map((option) => [(option.long ?? '').replace(/^--/, ''), option]));
}

function readDocument(
  { document, location }: CaseDocument,
  known: ReadonlyMap<string, Option>,
  values: Values,
  folder: string,
): readonly Diagnostic[] {
  if (!isMapping(document)) {
    const message = `options are a mapping such as {node: worker-1}, not ${describeValue(document)}`;
    return [diagnose('test-unreadable', { message, location: { file: location.file } })];
  }
  const problems = new Problems(location);
  problems.unknownKeys(document, [...known.keys()], [], 'a case');
  for (const [key, value] of Object.entries(document)) {
    const option = known.get(key);
    if (option === undefined) continue;
    const attribute = option.attributeName();
    if (value === null) values[attribute] = Reflect.get(INITIAL, attribute);
    else setValue(option, key, value, values, problems);
    if (PATHS.has(key)) values[attribute] = pathsFrom(values[attribute], dirname(location.file), folder);
  }
  return problems.found;
}

function setValue(option: Option, key: string, value: unknown, values: Values, problems: Problems): void {
  const attribute = option.attributeName();
  if (option.isBoolean() || option.negate) {
    if (typeof value === 'boolean') values[attribute] = value !== option.negate;
    else problems.wrong([key], value, 'true or false');
    return;
  }
  const texts = textsOf(option, value);
  if (texts === undefined || texts.length === 0) {
    const isList = option.variadic || option instanceof RepeatableOption;
    problems.wrong([key], value, isList ? 'a text or a list of texts' : 'a text');
    return;
  }
  let parsed: unknown;
  for (const text of texts) parsed = parse(option, text, parsed, problems);
  if (isBadName(key, parsed)) problems.wrong([key], parsed, 'the name of a node, as kubectl get nodes prints it');
  else if (isStdin(key, parsed)) problems.invalid([key], 'a case cannot read standard input', 'name a file');
  else values[attribute] = parsed;
}

/** What would stand behind the option on the command line, once or several times. */
function textsOf(option: Option, value: unknown): readonly string[] | undefined {
  const takesSeveral = option.variadic || option instanceof RepeatableOption;
  if (Array.isArray(value)) {
    const texts = value.flatMap((one) => scalarText(one) ?? []);
    return takesSeveral && texts.length === value.length ? texts : undefined;
  }
  if (isMapping(value)) {
    return takesSeveral ? Object.entries(value).map(([name, one]) => `${name}=${scalarText(one) ?? ''}`) : undefined;
  }
  if (typeof value === 'boolean' && !option.optional) return undefined;
  const text = scalarText(value);
  return text === undefined ? undefined : [text];
}

function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function parse(option: Option, text: string, before: unknown, problems: Problems): unknown {
  const path: FieldPath = [(option.long ?? '').replace(/^--/, '')];
  if (option.variadic) return [...(Array.isArray(before) ? before : []), text];
  if (option.parseArg === undefined) return text;
  try {
    const parsed: unknown = option.parseArg(text, before);
    return parsed;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    problems.invalid(path, `${printPath(path)} cannot be ${describeValue(text)}`, error.message.replace(/\.$/, ''));
    return before;
  }
}

function isBadName(key: string, value: unknown): boolean {
  return key === 'node' && typeof value === 'string' && !isDnsSubdomain(value);
}

function isStdin(key: string, value: unknown): boolean {
  return PATHS.has(key) && (value === '-' || (Array.isArray(value) && value.includes('-')));
}

/** Paths of a file in `from`, as seen from `folder`. */
function pathsFrom(value: unknown, from: string, folder: string): unknown {
  const moved = (path: string): string => (isAbsolute(path) ? path : relative(folder, join(from, path)) || '.');
  if (typeof value === 'string') return moved(value);
  return Array.isArray(value) ? value.map((one) => moved(String(one))) : value;
}
