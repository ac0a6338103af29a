/** Dumps of real machines and netfilter's own cases, which are not part of the project: found beside the checkout, or nowhere. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repositoryRoot } from './golden-paths.ts';

/** Undefined where they are not there; then the tests of them say so in one line. */
export function realDumpsFolder(): string | undefined {
  const folder = process.env['CHAINSMITH_DUMPS'] ?? join(dirname(repositoryRoot), 'shared', 'dumps');
  return existsSync(folder) ? folder : undefined;
}

export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** At least one: a folder without any is none of dumps. */
export function realDumps(folder: string): readonly NamedText[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  assert.ok(names.length > 0, `there are no dumps in ${folder}`);
  return names.map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
}

/** One line of netfilter's cases for an extension. */
export interface ExtensionCase {
  readonly options: string;
  /** What iptables-save prints once it is loaded. */
  readonly printed: string;
  readonly ok: boolean;
}

/** Reads `OPTIONS;PRINTED;OK` lines; `=` stands for the options themselves. None where there is no such file. */
export function extensionCases(folder: string, file: string): readonly ExtensionCase[] {
  const path = join(folder, 'ext', `${file}.t`);
  if (!existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  return text.split('\n').flatMap((line) => {
    if (/^[:*@%#]/.test(line) || line.trim() === '') return [];
    const [options = '', printed = '', verdict = ''] = line.split(';').map((part) => part.trim());
    return [{ options, printed: printed === '=' ? options : printed, ok: verdict === 'OK' }];
  });
}
