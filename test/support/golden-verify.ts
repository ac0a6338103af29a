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
];
export const VERIFY_PRODUCED: readonly string[] = ['output.txt', 'output.json', 'messages.txt'];

/** The bundled command runs in the folder of the case; its exit status is the last line of messages.txt. */
export function produceVerify(folder: string): ReadonlyMap<string, string> {
  const [program, ...words] = readFileSync(join(folder, 'command.txt'), 'utf8').trim().split(/\s+/);
  if (program !== 'chainsmith') throw new Error(`${folder}/command.txt is no command of chainsmith`);
  const { out, err, status } = runCli(words, { cwd: folder });
  const json = runCli([...words, '-q', '-o', 'json'], { cwd: folder });
  return new Map([
    ['output.txt', out],
    ['output.json', json.out],
    ['messages.txt', `${err}exit status ${String(status)}\n`],
  ]);
}
