import { InvalidArgumentError, Option, type Command } from 'commander';
import { codes, type DiagnosticCode } from '../../core/diag/codes.ts';
import { colorChoices, type ColorChoice } from '../output/colors.ts';
import { RepeatableOption } from './repeatable-option.ts';
import { unknownCodeAdvice } from './unknown-code.ts';

/** Options of every command, before or after its name. */
export interface GlobalOptions {
  readonly color: ColorChoice;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly silence?: readonly DiagnosticCode[];
}

export function addGlobalOptions(program: Command): Command {
  return program
    .addOption(new Option('--color <when>', 'colour the messages').choices(colorChoices).default('auto'))
    .addOption(new Option('-q, --quiet', 'print errors only').conflicts('verbose'))
    .addOption(new Option('-v, --verbose', 'print all messages, fold none'))
    .addOption(silenceOption());
}

function silenceOption(): Option {
  const description = 'do not print this warning or note (repeatable)';
  return new RepeatableOption('--silence <code>', description).argParser(collectCode);
}

function collectCode(text: string, before: readonly DiagnosticCode[] | undefined): DiagnosticCode[] {
  if (!isCode(text)) throw new InvalidArgumentError(`There is no such code. ${unknownCodeAdvice(text)}`);
  if (codes[text].severity === 'error') {
    throw new InvalidArgumentError('Errors cannot be silenced: something of the input would be missing unnoticed.');
  }
  return [...(before ?? []), text];
}

export function isCode(text: string): text is DiagnosticCode {
  return Object.hasOwn(codes, text);
}
