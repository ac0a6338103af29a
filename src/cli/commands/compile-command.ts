import { Option, type Command } from 'commander';
import { addClusterOptions } from '../options/cluster-options.ts';
import { collectList } from '../options/parsers.ts';
import { proxyFlags, proxyOption } from '../options/proxy-flags.ts';
import { RepeatableOption } from '../options/repeatable-option.ts';
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

Without -f the live cluster is read, the one that kubectl would speak to; chainsmith snapshot saves it as a file for -f. If it has
several Nodes, and no --node is given, the one that NODE_NAME names is taken, or the one with this host's name.

Rules go to standard output, messages to standard error. JSON is read ten times faster than YAML.
Exit status 1 means that something was left out. The rules that could be compiled are printed all the same, unless no Service
could be read at all.`;

export function addCompileCommand(program: Command): void {
  const command = program
    .command('compile')
    .description('print the iptables rules that kube-proxy would program')
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
  command.optionsGroup('kube-proxy (flags win over the file):');
  command.option('--config <file>', 'a KubeProxyConfiguration, or the ConfigMap that has it');
  for (const flag of proxyFlags) command.addOption(proxyOption(flag));
  command.action(async (_options: unknown, self: Command) => {
    const { runCompile } = await import('./compile.ts');
    const familyGiven = self.getOptionValueSource('family') === 'cli';
    process.exitCode = await runCompile(self.optsWithGlobals<CompileFlags>(), { extra: self.args, familyGiven });
  });
}

function addInputOptions(command: Command): void {
  command
    .optionsGroup('Input:')
    .option(
      '-f, --filename <path...>',
      'manifests: a file, a directory, or - for standard input (repeatable); without it, the live cluster',
    )
    .addOption(new Option('--no-defaults', 'take objects as they are; fill in nothing that the API server would'))
    .addOption(listOption('--service-cidr <cidrs>', 'where clusterIPs come from, one or one per family'))
    .option('--service-node-port-range <range>', 'where nodePorts come from (30000-32767 if not given)');
}

function addOutputOptions(command: Command): void {
  command
    .optionsGroup('Output:')
    .addOption(new Option('--family <family>', 'which rules to print').choices(['ipv4', 'ipv6']).default('ipv4'))
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json', 'yaml']).default('text'))
    .option('--out <dir>', 'write both families to DIR/iptables.rules and DIR/ip6tables.rules instead')
    .option('--explain', 'say before each chain what it does, as comments')
    .option('--templates <dir>', 'use your own templates, DIR/TABLE/CHAIN.hbs, in place of the built-in ones');
}

function addNodeOptions(command: Command): void {
  command
    .optionsGroup('Node:')
    .option('--node <name>', 'the node to compile for')
    .addOption(listOption('--node-ip <ips>', "the node's addresses, if its Node object does not say"))
    .addOption(listOption('--local-ip <ips>', 'other local addresses of the node (repeatable)'))
    .option('--zone <zone>', "the node's zone, if its Node object does not say")
    .option('--nfacct', 'the kernel has nfacct: count dropped packets as kube-proxy does then')
    .addOption(new Option('--no-random-fully', 'iptables does not know --random-fully (before 1.6.2)'));
}

function listOption(flags: string, description: string): Option {
  return new RepeatableOption(flags, description).argParser(collectList);
}
