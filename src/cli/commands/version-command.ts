import type { Command } from 'commander';
import { writeOut } from '../output/streams.ts';

export function addVersionCommand(program: Command, version: string): void {
  program
    .command('version')
    .description('print the version')
    .helpOption('-h, --help', 'print help')
    .action(async () => writeOut(`${version}\n`));
}
