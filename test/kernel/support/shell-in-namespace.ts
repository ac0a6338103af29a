import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { NetworkNamespace } from '../../../src/host/network-namespace.ts';
import { ShellRunner } from '../../support/shell-runner.ts';

/** A file system in memory, where there is one. */
const FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** Runs commands inside by a shell that stays there; to be closed before the namespace. */
export function shellInNamespace({ runner, path }: NetworkNamespace): ShellRunner {
  return new ShellRunner(runner, ['nsenter', `--net=${path}`, 'sh'], FOLDER);
}
