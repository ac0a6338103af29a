import { Argument, type Command } from 'commander';
import { UsageError } from '../usage-error.ts';

/** Shells that there is a script for. */
const shells = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof shells)[number];

const INSTALL = `
The script goes to standard output. To install it:

  bash, in ~/.bashrc:
    source <(chainsmith completion bash)

  zsh, in ~/.zshrc after compinit:
    source <(chainsmith completion zsh)

  fish, once:
    chainsmith completion fish > ~/.config/fish/completions/chainsmith.fish`;

export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('print a script that completes commands and options in your shell')
    .addArgument(shellArgument())
    .helpOption('-h, --help', 'print help')
    .addHelpText('after', INSTALL)
    .action(async (shell: Shell) => {
      const { printCompletionScript } = await import('./completion-script.ts');
      printCompletionScript(shell);
    });
}

function shellArgument(): Argument {
  const argument = new Argument('<shell>').choices(shells);
  return argument.argParser((text) => {
    const shell = shells.find((name) => name === text.toLowerCase());
    if (shell !== undefined) return shell;
    throw new UsageError(`there is no completion for ${JSON.stringify(text)}; there is for ${shells.join(', ')}`);
  });
}
