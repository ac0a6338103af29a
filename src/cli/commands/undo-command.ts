import type { Command } from 'commander';
import { addKernelOptions, drainOption, stateDirOption } from '../options/node-options.ts';
import type { UndoFlags } from './undo.ts';

const EXAMPLES = `
Examples:
  sudo chainsmith undo
  sudo chainsmith undo --netns lab --yes

It puts back what the last apply in this network namespace replaced: chains with their rules, jumps, and kernel settings. Rules of
others stay as they are. If one of these chains has changed since, it says so and stops; --force takes that back as well. An apply that was
killed half-way can be undone too.

Exit status: 0 undone, 1 an error, or nothing to undo, 130 interrupted before anything was written.`;

export function addUndoCommand(program: Command): void {
  const command = program
    .command('undo')
    .description('put back what the last apply replaced')
    .helpOption('-h, --help', 'print help')
    .showHelpAfterError('(chainsmith undo --help lists its options)')
    .addHelpText('after', EXAMPLES);
  addKernelOptions(command);
  command.addOption(drainOption());
  command
    .optionsGroup('Safety:')
    .option('--yes', 'do not ask on a terminal')
    .option('--force', 'also if the rules have changed since')
    .addOption(stateDirOption())
    .option('--diff', 'show the rules that change, chain by chain');
  command.action(async (_options: unknown, self: Command) => {
    const { runUndo } = await import('./undo.ts');
    process.exitCode = await runUndo(self.optsWithGlobals<UndoFlags>());
  });
}
