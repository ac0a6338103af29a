import { Option, type Command } from 'commander';
import { addKnowledgeFlags, addPacketFlags } from '../options/packet-options.ts';
import { collectList } from '../options/parsers.ts';
import { RepeatableOption } from '../options/repeatable-option.ts';
import type { TraceFlags } from './trace-flags.ts';

const EXAMPLES = `
Examples:
  sudo iptables-save | chainsmith trace --from 10.244.1.7 --to 10.96.0.10:53/udp
  chainsmith trace dump.txt --from local --to 10.96.0.1:443 --explain
  chainsmith trace dump.txt -f cluster.json --node worker-1 --from pod/shop/cart-0 --to svc/kube-system/kube-dns:dns
  chainsmith trace dump.txt --from 203.0.113.9 --to 192.168.0.10:30080 --local-ip 192.168.0.10 --reply
  chainsmith trace dump.txt --from 10.244.1.7 --to 10.96.0.10:53/udp -o json

It shows every rule that matches, with its line, and all ends that are possible with their exact probabilities. What rules alone do
not say (is an address one of the node's, who is in an ipset, what does conntrack know) is assumed and told, or followed both ways.
A dump may have both families, and two may be given, one of each family.

Exit status: 0 the packet was followed, whatever became of it; 1 an error, or a dump that was read in part.`;

export function addTraceCommand(program: Command): void {
  const command = program
    .command('trace')
    .argument('[dump...]', 'what iptables-save or ip6tables-save printed, or - for standard input')
    .description('follow a packet through the rules of a dump, to all that can become of it and how likely each is')
    .summary('follow a packet through the rules of a dump')
    .usage('[DUMP|-] --from WHO --to WHERE [options]')
    .helpOption('-h, --help', 'print help')
    .showHelpAfterError('(chainsmith trace --help lists its options)')
    .addHelpText('after', EXAMPLES);
  addPacketOptions(command);
  addKnowledgeOptions(command);
  command
    .optionsGroup('Output:')
    .option('--explain', 'a sentence below each rule')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'));
  command.action(async (dumps: readonly string[], _options: unknown, self: Command) => {
    const { runTrace } = await import('./trace.ts');
    process.exitCode = await runTrace(self.optsWithGlobals<TraceFlags>(), dumps);
  });
}

function addPacketOptions(command: Command): void {
  command
    .optionsGroup('Packet:')
    .requiredOption('--from <who>', 'ADDRESS, ADDRESS:PORT, local (the node itself) or pod/NAMESPACE/NAME')
    .requiredOption(
      '--to <where>',
      'ADDRESS:PORT/PROTOCOL (tcp if left out), ADDRESS/icmp, svc/NAMESPACE/NAME:PORT or pod/NAMESPACE/NAME:PORT',
    );
  addPacketFlags(command);
}

function addKnowledgeOptions(command: Command): void {
  command
    .optionsGroup('What is known beside the rules:')
    .addOption(new RepeatableOption('--local-ip <ips>', 'addresses of the node (repeatable)').argParser(collectList));
  addKnowledgeFlags(command);
  command
    .option('-f, --filename <path...>', 'a snapshot or manifests: names, and the addresses of the node')
    .option('--snapshot <path...>', 'the same')
    .option('--node <name>', 'which Node of the snapshot the dump is of');
}
