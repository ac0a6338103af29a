import { Option, type Command } from 'commander';
import { addClusterOptions } from '../options/cluster-options.ts';
import { executorOption, secondsOption } from '../options/node-options.ts';
import { addInputOptions, addNodeOptions, addProxyOptions } from '../options/rules-options.ts';
import type { ConntrackFlags } from './conntrack.ts';

const EXAMPLES = `
Examples:
  sudo chainsmith conntrack -f cluster.json --node worker-1
  sudo chainsmith conntrack --delete
  sudo chainsmith conntrack -f cluster.json --netns lab --sctp -o json
  chainsmith conntrack -f cluster.json --node worker-1 --conntrack conntrack.txt

Only the first packet of a connection meets the rules; the kernel sends the others where that one went. So a UDP client that goes on
from the same port, a DNS resolver say, is sent to an endpoint that is gone for as long as it asks. This finds such connections: to an
address or node port of a Service, and not to an endpoint that serves it now. chainsmith apply deletes them by itself.

Exit status: 0 nothing is stale, or all that was is deleted, 2 stale connections are left, 1 an error.`;

export function addConntrackCommand(program: Command): void {
  const command = program
    .command('conntrack')
    .description(
      'find UDP connections of Services that the kernel still sends to endpoints that are gone, and delete them',
    )
    .summary('find and delete stale connections')
    .usage('[-f FILE|DIR|-] [--delete] [options]')
    .helpOption('-h, --help', 'print help')
    .showHelpAfterError('(chainsmith conntrack --help lists its options)')
    .addHelpText('after', EXAMPLES);
  addInputOptions(command);
  addClusterOptions(command, 'Cluster (without -f):');
  command
    .optionsGroup('Connections:')
    .option('--delete', 'delete what is stale')
    .option('--sctp', 'connections over SCTP too')
    .option('--allow-errors', 'delete though parts of the input are faulty, and their endpoints count as gone')
    .addOption(
      new Option(
        '--conntrack <file>',
        'what conntrack -L prints, or - for standard input, instead of the kernel',
      ).conflicts(['delete', 'netns', 'executor']),
    )
    .option('--netns <name>', 'a network namespace: its name, a path, or pid:N of a process in it (default: this one)')
    .addOption(executorOption())
    .addOption(secondsOption('--command-timeout <seconds>', 'how long one run of a tool may take', 300, 1))
    .optionsGroup('Output:')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'));
  addNodeOptions(command);
  addProxyOptions(command);
  command.action(async (_options: unknown, self: Command) => {
    const { runConntrack } = await import('./conntrack.ts');
    process.exitCode = await runConntrack(self.optsWithGlobals<ConntrackFlags>());
  });
}
