import { InvalidArgumentError, Option, type Command } from 'commander';
import { addNodeOptions, addProxyOptions } from '../options/rules-options.ts';
import { RepeatableOption } from '../options/repeatable-option.ts';
import type { LintFlags } from './lint.ts';

const EXAMPLES = `
Examples:
  sudo iptables-save | chainsmith lint
  chainsmith lint iptables.txt ip6tables.txt
  chainsmith lint nft.txt legacy.txt               both variants of a node
  chainsmith lint node-1.txt -f cluster.json --node node-1
  chainsmith lint node-1.txt --conntrack conntrack.txt
  chainsmith lint node-1.txt --ipvs ipvs.txt --ipset ipset.txt
  chainsmith lint dump.txt --ignore source-ranges-bypassed --severity error
  chainsmith lint dump.txt -o sarif > lint.sarif
  chainsmith lint --list

It needs no cluster and no root, only what iptables-save prints; without a DUMP that comes from standard input, and as root on a
terminal from the node itself. With -f the rules are compared with what the cluster says, with --conntrack remembered connections are
looked at too: conntrack -L > conntrack.txt; with --ipvs and --ipset the virtual servers and sets of the ipvs mode.

Exit status: 0 nothing found at that level, 2 findings, 1 the input cannot be read.`;

export function addLintCommand(program: Command): void {
  const command = program
    .command('lint')
    .description('find what is wrong with the rules of a node, and say how to mend it')
    .usage('[DUMP...|-] [-f FILE] [options]')
    .argument('[dump...]', 'output of iptables-save or ip6tables-save, or of both; - for standard input')
    .helpOption('-h, --help', 'print help')
    .showHelpAfterError('(chainsmith lint --help lists its options)')
    .addHelpText('after', EXAMPLES);
  addOptions(command);
  addNodeOptions(command);
  addProxyOptions(command);
  command.action(async (dumps: readonly string[], _options: unknown, self: Command) => {
    const { runLint } = await import('./lint.ts');
    process.exitCode = await runLint(self.optsWithGlobals<LintFlags>(), dumps);
  });
}

function addOptions(command: Command): void {
  command
    .optionsGroup('Input:')
    .addOption(
      repeatable(
        '-f, --filename <path>',
        'the cluster: manifests or a snapshot, a file, a directory or - (repeatable)',
      ),
    )
    .addOption(new Option('--no-defaults', 'take objects as they are; fill in nothing that the API server would'))
    .option('--conntrack <file>', 'what conntrack -L prints')
    .option('--ipvs <file>', 'virtual servers of the ipvs mode: what ipvsadm -Sn prints')
    .option('--ipset <file>', 'sets of the ipvs mode: what ipset save prints')
    .optionsGroup('Findings:')
    .addOption(repeatable('--ignore <code>', 'do not ask this rule (repeatable)'))
    .addOption(
      new Option(
        '--severity <level>',
        'the least to tell and to count (if not given, all is told, and warnings and errors count)',
      ).choices(['error', 'warning', 'info']),
    )
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json', 'sarif']).default('text'))
    .option('--list', 'list the rules, and look at nothing');
}

function repeatable(flags: string, description: string): Option {
  return new RepeatableOption(flags, description).argParser(collect);
}

function collect(text: string, before: readonly string[] | undefined): string[] {
  if (text === '') throw new InvalidArgumentError('It takes a value.');
  return [...(before ?? []), text];
}
