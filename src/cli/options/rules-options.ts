// Options of every command that compiles: compile itself, plan and apply.
import { Option, type Command } from 'commander';
import { collectList } from './parsers.ts';
import { proxyFlags, proxyOption } from './proxy-flags.ts';
import { RepeatableOption } from './repeatable-option.ts';

/** These as commander stores them. */
export interface RulesFlags {
  readonly config?: string;
  readonly templates?: string;
  readonly node?: string;
  readonly nodeIp?: readonly string[];
  readonly localIp?: readonly string[];
  readonly zone?: string;
  readonly defaults: boolean;
  readonly serviceCidr?: readonly string[];
  readonly serviceNodePortRange?: string;
  readonly nfacct?: boolean;
  readonly randomFully: boolean;
}

export function addInputOptions(command: Command): void {
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

export function addNodeOptions(command: Command): void {
  command
    .optionsGroup('Node:')
    .option('--node <name>', 'the node to compile for')
    .addOption(listOption('--node-ip <ips>', "the node's addresses, if its Node object does not say"))
    .addOption(listOption('--local-ip <ips>', 'other local addresses of the node (repeatable)'))
    .option('--zone <zone>', "the node's zone, if its Node object does not say")
    .option('--nfacct', 'the kernel has nfacct: count dropped packets as kube-proxy does then')
    .addOption(new Option('--no-random-fully', 'iptables does not know --random-fully (before 1.6.2)'));
}

export function addProxyOptions(command: Command): void {
  command.optionsGroup('kube-proxy (flags win over the file):');
  command.option('--config <file>', 'a KubeProxyConfiguration, or the ConfigMap that has it');
  for (const flag of proxyFlags) command.addOption(proxyOption(flag));
}

export function templatesOption(): Option {
  return new Option('--templates <dir>', 'use your own templates, DIR/TABLE/CHAIN.hbs, in place of the built-in ones');
}

export function listOption(flags: string, description: string): Option {
  return new RepeatableOption(flags, description).argParser(collectList);
}
