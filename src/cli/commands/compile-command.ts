import { Option, type Command } from 'commander';
import { addClusterOptions } from '../options/cluster-options.ts';
import { modeOption } from '../options/mode-option.ts';
import { addInputOptions, addNodeOptions, addProxyOptions, templatesOption } from '../options/rules-options.ts';
import type { CompileFlags } from './compile.ts';

const EXAMPLES = `
Examples:
  chainsmith compile -f shop.yaml
  chainsmith compile -f manifests/ -f more.json --family ipv6
  chainsmith compile --node worker-1
  chainsmith snapshot --out cluster.json
  kubectl get services,endpointslices,nodes,pods -A -o json | chainsmith compile -f - --node worker-1
  kubectl -n kube-system get configmap kube-proxy -o yaml > config.yaml
  chainsmith compile -f cluster.json --config config.yaml --node worker-1 --out rules/
  chainsmith compile -f shop.yaml --explain | less
  chainsmith compile -f cluster.json --node worker-1 --mode ipvs --out ipvs/

Without -f the live cluster is read, the one that kubectl would speak to; chainsmith snapshot saves it as a file for -f. If it has
several Nodes, and no --node is given, the one that NODE_NAME names is taken, or the one with this host's name.

Rules go to standard output, messages to standard error. JSON is read ten times faster than YAML.
Exit status 1 means that something was left out. The rules that could be compiled are printed all the same, unless no Service
could be read at all. To keep the rules in a repository and see in CI when they change: chainsmith test --help.`;

export function addCompileCommand(program: Command): void {
  const command = program
    .command('compile')
    .description('print the rules that kube-proxy would program: iptables, or IPVS and what belongs to it')
    .summary('print the rules of a node for Services and their endpoints')
    .usage('[-f FILE|DIR|-] [options]')
    .helpOption('-h, --help', 'print help')
    .showHelpAfterError('(chainsmith compile --help lists its options)')
    .allowExcessArguments()
    .addHelpText('after', EXAMPLES);
  addInputOptions(command);
  addClusterOptions(command, 'Cluster (without -f):');
  addOutputOptions(command);
  addNodeOptions(command);
  addProxyOptions(command);
  command.action(async (_options: unknown, self: Command) => {
    const { runCompile } = await import('./compile.ts');
    const familyGiven = self.getOptionValueSource('family') === 'cli';
    process.exitCode = await runCompile(self.optsWithGlobals<CompileFlags>(), { extra: self.args, familyGiven });
  });
}

function addOutputOptions(command: Command): void {
  command
    .optionsGroup('Output:')
    .addOption(new Option('--family <family>', 'which rules to print').choices(['ipv4', 'ipv6']).default('ipv4'))
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json', 'yaml']).default('text'))
    .option(
      '--out <dir>',
      'write both families to DIR/iptables.rules and DIR/ip6tables.rules instead; in ipvs mode also ipset.rules, ipvs.rules and addresses.txt',
    )
    .addOption(modeOption())
    .option('--explain', 'say before each chain what it does, as comments')
    .addOption(templatesOption())
    .option('--no-verify', 'with --templates: do not prove the rules before they are printed');
}
