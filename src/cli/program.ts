import { Command } from 'commander';
import { addApplyCommand } from './commands/apply-command.ts';
import { addPlanCommand } from './commands/plan-command.ts';
import { addUndoCommand } from './commands/undo-command.ts';
import { addCleanupCommand } from './commands/cleanup-command.ts';
import { addCompileCommand } from './commands/compile-command.ts';
import { addCompletionCommand } from './commands/completion-command.ts';
import { addConntrackCommand } from './commands/conntrack-command.ts';
import { addLintCommand } from './commands/lint-command.ts';
import { addDecodeCommand } from './commands/decode-command.ts';
import { addExplainCommand } from './commands/explain-command.ts';
import { addReportCommand } from './commands/report-command.ts';
import { addSnapshotCommand } from './commands/snapshot-command.ts';
import { addTestCommand } from './commands/test-command.ts';
import { addTraceCommand } from './commands/trace-command.ts';
import { addDiffCommand } from './commands/diff-command.ts';
import { addVerifyCommand } from './commands/verify-command.ts';
import { addVersionCommand } from './commands/version-command.ts';
import { addGlobalOptions } from './options/global-options.ts';
import { refuseEmptyValues } from './options/refuse-empty.ts';
import { refuseRepeated } from './options/refuse-repeated.ts';
import { colorChoiceIn, paint, wantsColor } from './output/colors.ts';

const EXAMPLES = `
Examples:
  chainsmith compile -f manifests/
  chainsmith snapshot --out cluster.json
  sudo chainsmith plan -f cluster.json --node NAME
  sudo chainsmith apply -f cluster.json --node NAME
  sudo chainsmith undo
  sudo iptables-save | chainsmith decode
  chainsmith trace dump.txt --from 10.244.1.7 --to 10.96.0.10:53/udp
  sudo iptables-save | chainsmith lint
  chainsmith test tests/
  sudo iptables-save | chainsmith verify -f cluster.json --node NAME
  sudo iptables-save | chainsmith report -o report.html
  chainsmith explain endpoints-missing

Exit status: 0 all is well, 1 an error, 2 a difference or a finding.`;

/** The whole command line. Only descriptions: each command loads its module when it runs. */
export function buildProgram(args: readonly string[], version: string): Command {
  const color = colorChoiceIn(args);
  const program = new Command('chainsmith')
    .description(
      'Compiles Kubernetes Services into the iptables rules of one node, and loads them: all of them, or none.',
    )
    .usage('COMMAND [options]')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .exitOverride()
    .showHelpAfterError('(chainsmith --help lists commands and options)')
    .configureHelp({ showGlobalOptions: true, styleTitle: (title) => paint(true).strong(title) })
    .configureOutput({
      getOutHasColors: () => wantsColor(color, process.stdout),
      getErrHasColors: () => wantsColor(color, process.stderr),
    })
    .addHelpText('after', EXAMPLES);
  addGlobalOptions(program);
  program.commandsGroup('Rules:');
  addCompileCommand(program);
  addSnapshotCommand(program);
  program.commandsGroup('Node:');
  addPlanCommand(program);
  addApplyCommand(program);
  addUndoCommand(program);
  addCleanupCommand(program);
  addConntrackCommand(program);
  program.commandsGroup('Debugging:');
  addDecodeCommand(program);
  addTraceCommand(program);
  addLintCommand(program);
  addVerifyCommand(program);
  addDiffCommand(program);
  addTestCommand(program);
  addReportCommand(program);
  program.commandsGroup('Help:');
  addExplainCommand(program);
  addCompletionCommand(program);
  addVersionCommand(program, version);
  for (const command of [program, ...program.commands]) {
    refuseEmptyValues(command);
    refuseRepeated(command);
  }
  program.helpCommand('help [command]', 'print help on a command');
  return program;
}
