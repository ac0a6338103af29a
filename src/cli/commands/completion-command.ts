import { Argument, type Command } from 'commander';

/** Shells that there is a script for. */
export const shells = ['bash', 'zsh', 'fish'] as const;

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
    .addArgument(new Argument('<shell>').choices(shells))
    .helpOption('-h, --help', 'print help')
    .addHelpText('after', INSTALL)
    .action(async (shell: Shell) => {
      const { printCompletionScript } = await import('./completion-script.ts');
      printCompletionScript(shell);
    });
}
