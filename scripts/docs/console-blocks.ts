// Real output in documents. A fenced block after the line <!-- output --> holds commands (lines that begin with "$ ") and what they
// print; running them again must give the same text.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const COMMAND = fileURLToPath(new URL('../../bin/chainsmith.js', import.meta.url));

/** In a checkout the command is `npx chainsmith`, once installed `chainsmith`; both mean the file that was just built. */
const PRELUDE = `
chainsmith() { "$NODE" "$CHAINSMITH" "$@"; }
npx() { shift; chainsmith "$@"; }
`;

/** What a person would see: both streams, in the order in which they are written. The exit status does not matter. */
function runShown(command: string): string {
  if (!existsSync(COMMAND)) throw new Error('dist/bin/chainsmith.js is missing: npm run build');
  const env = { ...process.env, NODE: process.execPath, CHAINSMITH: COMMAND, NO_COLOR: '1' };
  const script = `${PRELUDE}\n{ ${command}\n} 2>&1\ntrue`;
  const output = execFileSync('bash', ['-c', script], { cwd: ROOT, env, encoding: 'utf8', maxBuffer: 2 ** 26 });
  // Node ends the report of an uncaught error with its version: no output to show to anybody.
  if (/^Node\.js v\d/m.test(output)) throw new Error(`${command} crashed:\n${output}`);
  return output;
}

const BLOCK = /(<!-- output -->\n```[a-z]*\n)([^]*?)(\n```\n)/g;

/** The document with each block's output as `run` gives it now. */
export function refreshConsoleBlocks(text: string, run: (command: string) => string = runShown): string {
  return text.replace(BLOCK, (_, open: string, body: string, close: string) => {
    const commands = body.split('\n').filter((line) => line.startsWith('$ '));
    const parts = commands.map((line) => `${line}\n${run(line.slice(2)).trimEnd()}`.trimEnd());
    return `${open}${parts.join('\n')}${close}`;
  });
}
