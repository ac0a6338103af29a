import type { Command } from 'commander';
import type { GlobalOptions } from '../options/global-options.ts';

const EXAMPLES = `
Examples:
  chainsmith explain                     list all codes
  chainsmith explain endpoints-missing   what this one means and what to do`;

export function addExplainCommand(program: Command): void {
  program
    .command('explain')
    .description('explain the code of a message, or list all codes')
    .argument('[code]', 'what stands in brackets in a message, like endpoints-missing')
    .helpOption('-h, --help', 'print help')
    .addHelpText('after', EXAMPLES)
    .action(async (code: string | undefined, _options: unknown, self: Command) => {
      const { runExplain } = await import('./explain.ts');
      await runExplain(code, self.optsWithGlobals<GlobalOptions>());
    });
}
