import type { Command } from 'commander';
import { addClusterOptions } from '../options/cluster-options.ts';
import { addKernelOptions, stateDirOption } from '../options/node-options.ts';
import { addInputOptions, addNodeOptions, addProxyOptions, templatesOption } from '../options/rules-options.ts';
import type { ApplyFlags } from './apply.ts';

export function addApplyCommand(program: Command): void {
  const command = program
    .command('apply')
    .description('give a node the rules of its Services, all of them or none')
    .summary('load the rules into a node')
    .usage('[-f FILE|DIR|- | PLAN] [options]')
    .helpOption('-h, --help', 'print help')
    .showHelpAfterError('(chainsmith apply --help lists its options)');
  addInputOptions(command);
  addClusterOptions(command, 'Cluster (without -f):');
  addKernelOptions(command);
  command
    .addOption(stateDirOption())
    .option('--yes', 'do not ask')
    .option('--allow-errors', 'apply what could be compiled, though parts of the input are faulty');
  command.addOption(templatesOption());
  addNodeOptions(command);
  addProxyOptions(command);
  command.action(async (_options: unknown, self: Command) => {
    const { runApply } = await import('./apply.ts');
    process.exitCode = await runApply(self.optsWithGlobals<ApplyFlags>());
  });
}
