import { Option, type Command } from 'commander';
import { addNodeOptions, addProxyOptions, listOption } from '../options/rules-options.ts';
import type { DiffFlags } from './diff.ts';

const EXAMPLES = `
Examples:
  chainsmith diff before.txt after.txt
  chainsmith diff main/manifests/ branch/manifests/ --node worker-1 --cluster-cidr 10.244.0.0/16
  chainsmith diff cluster.json dump.txt --node worker-1 --config config.yaml
  sudo iptables-save | chainsmith diff monday.txt -
  chainsmith diff --modes -f cluster.json --node worker-1 --config config.yaml

Each side is what iptables-save printed, or manifests (a file, a directory, or - for standard input); which of them, its contents
tell. Two dumps are compared rule by rule of everybody, by what happens to packets: names of chains, the order of rules and other
spellings do not count. Of manifests it is the rules for one node that are compared. A dump and manifests are compared as
chainsmith verify does it. With --modes the iptables mode and the ipvs mode of one input are compared, after both are proved.

Exit status: 0 the same, 2 a difference, 1 undecided or an error.`;

export function addDiffCommand(program: Command): void {
  const command = program
    .command('diff')
    .argument('[a]', 'a dump or manifests')
    .argument('[b]', 'a dump or manifests')
    .description('compare two dumps, two snapshots, or one of each, by what happens to packets')
    .summary('compare rules or snapshots by meaning')
    .usage('A B [options], or --modes -f FILE [options]')
    .helpOption('-h, --help', 'print help')
    .showHelpAfterError('(chainsmith diff --help lists its options)')
    .addHelpText('after', EXAMPLES);
  command
    .optionsGroup('Output:')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .option('--ignore-others', 'a dump and manifests: do not count what rules of others do to Service traffic');
  command
    .optionsGroup('The modes of kube-proxy:')
    .option(
      '--modes',
      'compile both modes, iptables and ipvs, of what -f names, and tell where they treat packets differently',
    )
    .option('-f, --filename <path...>', 'manifests or a snapshot: a file, a directory, or - (repeatable)');
  command
    .optionsGroup('Manifests:')
    .addOption(new Option('--no-defaults', 'take objects as they are; fill in nothing that the API server would'))
    .addOption(listOption('--service-cidr <cidrs>', 'where clusterIPs come from, one or one per family'))
    .option('--service-node-port-range <range>', 'where nodePorts come from (30000-32767 if not given)');
  addNodeOptions(command);
  addProxyOptions(command);
  command.action(async (a: string | undefined, b: string | undefined, _options: unknown, self: Command) => {
    const { runDiff } = await import('./diff.ts');
    process.exitCode = await runDiff(self.optsWithGlobals<DiffFlags>(), a, b);
  });
}
