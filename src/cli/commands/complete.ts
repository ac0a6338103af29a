import { RootCommand, type Command as TabCommand } from '@bomb.sh/tab';
import type { Command, Option } from 'commander';
import { lintRules } from '../../core/analyze/lint/lint-rules.ts';
import { codes } from '../../core/diag/codes.ts';

/** What the shell is to do where we know no words (the protocol of Go's cobra). */
const COMPLETE_FILES = ':0';
const COMPLETE_DIRECTORIES = ':16';

/** Answers `complete -- WORDS`, the last of which is to be completed: candidates, one per line, and a directive. */
export function answerCompletion(program: Command, words: readonly string[]): void {
  const wanted = pathWanted(program, words);
  if (wanted !== undefined) process.stdout.write(`${wanted}\n`);
  else buildTree(program).parse([...words]);
}

/** The directive, if the word is the value of an option that takes a path. */
function pathWanted(program: Command, words: readonly string[]): string | undefined {
  const name = words.find((word) => !word.startsWith('-'));
  const command = program.commands.find((c) => c.name() === name);
  const at = words.findLastIndex((word, i) => i < words.length - 1 && word.startsWith('-') && word !== '-');
  const option = command?.options.find((o) => [o.short, o.long].includes(words[at]));
  if (at === -1 || option === undefined || words.at(-1)?.startsWith('-') === true) return undefined;
  if (!option.variadic && at !== words.length - 2) return undefined;
  if (/<(path|file)/.test(option.flags)) return COMPLETE_FILES;
  return option.flags.includes('<dir>') ? COMPLETE_DIRECTORIES : undefined;
}

function buildTree(program: Command): RootCommand {
  const root = new RootCommand();
  addOptions(root, program.options);
  for (const command of program.commands) {
    const node = root.command(command.name(), command.summary() || command.description());
    addOptions(node, [...command.options, ...program.options]);
    for (const argument of command.registeredArguments) {
      const values =
        argument.argChoices ??
        (argument.name() === 'code' ? [...Object.keys(codes), ...lintRules.map(({ code }) => code)] : []);
      node.argument(argument.name(), (complete) => values.forEach((value) => complete(value, titleOf(value))));
    }
  }
  return root;
}

function addOptions(node: TabCommand, options: readonly Option[]): void {
  for (const option of options) {
    const name = option.long?.slice(2);
    if (name === undefined) continue;
    const short = option.short?.slice(1);
    const takesValue = option.required || option.optional;
    const values = valuesOf(option);
    if (takesValue && !option.optional) {
      node.option(name, option.description, (complete) => values.forEach((v) => complete(v, titleOf(v))), short);
    } else if (short === undefined) node.option(name, option.description);
    else node.option(name, option.description, short);
  }
}

function valuesOf(option: Option): readonly string[] {
  if (option.long === '--ignore') return lintRules.map(({ code }) => code);
  if (option.long !== '--silence') return option.argChoices ?? [];
  return Object.entries(codes).flatMap(([code, { severity }]) => (severity === 'error' ? [] : [code]));
}

function titleOf(value: string): string {
  const rule = lintRules.find(({ code }) => code === value);
  return rule?.title ?? Object.entries(codes).find(([code]) => code === value)?.[1].title ?? '';
}
