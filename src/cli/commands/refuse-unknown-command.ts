import type { Command } from 'commander';
import { didYouMean } from '../../core/util/suggestion.ts';
import { UsageError } from '../usage-error.ts';
import { futureCommandError, isFutureCommand } from './future-commands.ts';

/** Where commander knows no better than to print its help: commands that are not there yet, and `help` for one that is not there. */
export function refuseUnknownCommand(program: Command, args: readonly string[]): void {
  if (!args.some((word) => word === 'help' || isFutureCommand(word))) return;
  const [first, second] = program.parseOptions([...args]).operands;
  const asked = first === 'help' ? second : first;
  if (asked === undefined) return;
  if (isFutureCommand(asked)) throw futureCommandError(asked);
  const names = ['help', ...program.commands.map((command) => command.name())];
  if (first !== 'help' || names.includes(asked)) return;
  const near = didYouMean(asked, names);
  const question = near === undefined ? '' : `(Did you mean ${near}?)\n`;
  throw new UsageError(
    `unknown command '${asked}'`,
    `${question}\n${program.helpInformation({ error: true }).trimEnd()}`,
  );
}
