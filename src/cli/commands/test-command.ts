import { Option, type Command } from 'commander';
import type { TestFlags } from './test.ts';

const EXAMPLES = `
Examples:
  chainsmith test tests/
  chainsmith test tests/ --filter web
  chainsmith test tests/ --update && git diff tests/
  chainsmith test tests/ -o junit --out report.xml
  chainsmith test tests/ -o tap | tee report.tap

A case is a folder: an input (input.yaml, input/ or snapshot.json), and what is expected of it: iptables.rules and ip6tables.rules,
as chainsmith compile --out writes them (in ipvs mode ipvs.rules, ipset.rules and addresses.txt too), and flows.yaml, such as

  - from: pod/default/client
    to: svc/default/web:http
    expect: { endpoints: 3, masquerade: false }

case.yaml beside it has the options of compile without their dashes, config.yaml a KubeProxyConfiguration, and defaults.yaml of a folder
above the options of all cases below it. Flows are followed through the compiled rules as chainsmith trace follows a packet.

Exit status: 0 all cases pass, 2 something is not as expected, 1 an error in a case, or no case.`;

export function addTestCommand(program: Command): void {
  program
    .command('test')
    .argument('<dir>', 'the directory of the cases; those in directories below it count')
    .description('compile the cases of a directory, and compare rules and flows of packets with what is expected')
    .summary('golden rules and flows of packets, for your own repository')
    .usage('DIR [options]')
    .helpOption('-h, --help', 'print help')
    .showHelpAfterError('(chainsmith test --help lists its options)')
    .addHelpText('after', EXAMPLES)
    .optionsGroup('Cases:')
    .option('--filter <text>', 'only cases whose name has this in it')
    .option('--update', 'write expected rules anew, except where flows say otherwise')
    .optionsGroup('Output:')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'junit', 'tap']).default('text'))
    .option('--out <file>', 'write the report to a file; failures still go to standard error')
    .action(async (folder: string, _options: unknown, self: Command) => {
      const { runTest } = await import('./test.ts');
      process.exitCode = await runTest(folder, self.optsWithGlobals<TestFlags>());
    });
}
