/** Cases of golden/verify: dumps, manifests, a command line, and what `chainsmith verify` or `diff` prints for it, as text and as JSON. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../cli/run-cli.ts';

export const VERIFY_INPUTS: readonly string[] = [
  'README.md',
  'command.txt',
  'input.yaml',
  'rules.txt',
  'dump.txt',
  'before.txt',
  'after.txt',
  'before.yaml',
  'after.yaml',
  'servers.txt',
  'sets.txt',
];
export const VERIFY_PRODUCED: readonly string[] = ['output.txt', 'output.json', 'messages.txt'];

/**
 * The bundled command runs in the folder of the case; its exit status is the last line of messages.txt. A second line of command.txt is
 * the same command with `-o json`.
 */
export function produceVerify(folder: string): ReadonlyMap<string, string> {
  const [first = '', second] = readFileSync(join(folder, 'command.txt'), 'utf8').trim().split('\n');
  const run = (line: string) => {
    const [program, ...words] = line.trim().split(/\s+/);
    if (program !== 'chainsmith') throw new Error(`${folder}/command.txt: ${line} is no command of chainsmith`);
    return runCli(words, { cwd: folder });
  };
  const { out, err, status } = run(first);
  return new Map([
    ['output.txt', out],
    ...(second === undefined ? [] : [['output.json', run(second).out] as const]),
    ['messages.txt', `${err}exit status ${String(status)}\n`],
  ]);
}
