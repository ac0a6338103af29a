#!/usr/bin/env node
// Answers --version and refuses an old Node before anything else is loaded: commander and the compiler cost more than Node's own start.
import { writeSync } from 'node:fs';
import { readVersion } from './version.ts';

/** A reader that went away is no reason for a stack trace. */
function say(fd: 1 | 2, text: string): void {
  try {
    writeSync(fd, text);
  } catch {
    process.exitCode = 1;
  }
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const args = process.argv.slice(2);

if (major < 20 || (major === 20 && minor < 19)) {
  say(2, `error: chainsmith needs Node.js 20.19 or newer, and this is ${process.versions.node}: https://nodejs.org\n`);
  process.exitCode = 1;
} else if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  say(1, `${readVersion()}\n`);
} else {
  const { run } = await import('./run.ts');
  process.exitCode = await run(args, readVersion());
}
