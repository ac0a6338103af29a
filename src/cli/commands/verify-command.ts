import { Option, type Command } from 'commander';
import { addClusterOptions } from '../options/cluster-options.ts';
import { addInputOptions, addNodeOptions, addProxyOptions } from '../options/rules-options.ts';
import type { VerifyFlags } from './verify.ts';

const EXAMPLES = `
Examples:
  sudo iptables-save | chainsmith verify -f cluster.json --node worker-1
  chainsmith verify iptables.txt ip6tables.txt -f cluster.json --node worker-1 --config config.yaml
  chainsmith compile -f shop.yaml --node worker-1 | chainsmith verify - -f shop.yaml --node worker-1
  chainsmith verify iptables.txt --ipvs ipvs.txt --ipset ipset.txt -f cluster.json --node worker-1
  chainsmith verify dump.txt -f cluster.json --node worker-1 --ignore-others -o json

It decides for every packet, not for a sample: whether it goes to the right endpoints with equal chances, is masqueraded, rejected or
dropped where it must be, and whether packets of no Service are left alone. What it prints is "proved", or one packet for each
fault with what should happen, what does, and the rules to blame, or the rule because of which it cannot decide.

Give the node's own addresses (its Node object has some; --local-ip) and kube-proxy's configuration (--config): the rules are judged by
them. Rules of others (docker, calico ...) are part of the way, and reported where they change Service traffic.

Exit status: 0 proved, 2 refuted, 1 undecided or an error.`;

export function addVerifyCommand(program: Command): void {
  const command = program
    .command('verify')
    .argument('[dump...]', 'what iptables-save and ip6tables-save printed; - or nothing for standard input')
    .description('prove that the rules of a node do what the Services say, or show a packet for which they do not')
    .summary('prove the rules of a node, or refute them')
    .usage('[DUMP|-] [-f FILE|DIR|-] [options]')
    .helpOption('-h, --help', 'print help')
    .showHelpAfterError('(chainsmith verify --help lists its options)')
    .addHelpText('after', EXAMPLES);
  addInputOptions(command);
  addClusterOptions(command, 'Cluster (without -f):');
  command
    .optionsGroup('Output:')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .option('--ignore-others', 'do not count what rules of others do to Service traffic');
  command
    .optionsGroup('Of the ipvs mode:')
    .option('--ipvs <file>', 'its virtual servers: what ipvsadm -Sn printed; the mode is ipvs then')
    .option('--ipset <file>', 'its sets: what ipset save printed');
  addNodeOptions(command);
  addProxyOptions(command);
  command.action(async (dumps: readonly string[], _options: unknown, self: Command) => {
    const { runVerify } = await import('./verify.ts');
    process.exitCode = await runVerify(self.optsWithGlobals<VerifyFlags>(), dumps);
  });
}
