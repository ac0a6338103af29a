import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ConnectionState } from '../../core/analyze/trace/packet.ts';
import { collectList } from '../options/parsers.ts';
import { collectRecent } from '../options/recent-option.ts';
import { RepeatableOption } from '../options/repeatable-option.ts';
import type { TraceFlags } from './trace.ts';

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

const STATES: readonly ConnectionState[] = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'];

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
    )
    .addOption(new Option('--sport <port>', "the client's port (default: 50000)").argParser(number(65_535, 'a port')))
    .addOption(
      new Option('--mark <mark>', 'the mark with which it comes, such as 0x4000').argParser(
        number(0xffffffff, 'a mark'),
      ),
    )
    .addOption(
      new Option(
        '--ctstate <state>',
        'what conntrack says of it: new, established (a later packet), related, invalid, untracked',
      ).argParser(parseState),
    )
    .option('--reply', 'follow the reply to it, through each way that it may go');
}

function addKnowledgeOptions(command: Command): void {
  command
    .optionsGroup('What is known beside the rules:')
    .addOption(new RepeatableOption('--local-ip <ips>', 'addresses of the node (repeatable)').argParser(collectList))
    .option('--in-interface <name>', 'where it comes in')
    .option('--out-interface <name>', 'where it leaves')
    .addOption(
      new RepeatableOption(
        '--recent <answer>',
        'has xt_recent seen the client: hit, miss (default), either; or for one list, LIST=hit (repeatable)',
      ).argParser(collectRecent),
    )
    .option('--ipset <file>', 'members of ipsets: what ipset save printed')
    .option('-f, --filename <path...>', 'a snapshot or manifests: names, and the addresses of the node')
    .option('--snapshot <path...>', 'the same')
    .option('--node <name>', 'which Node of the snapshot the dump is of');
}

function number(most: number, what: string): (text: string) => number {
  return (text) => {
    const value = /^(?:0x[0-9a-fA-F]{1,8}|\d{1,10})$/.test(text) ? Number(text) : Number.NaN;
    if (!(value <= most)) throw new InvalidArgumentError(`It takes ${what}, at most ${most}.`);
    return value;
  };
}

function parseState(text: string): ConnectionState {
  const state = STATES.find((known) => known === text.toUpperCase());
  if (state === undefined) throw new InvalidArgumentError(`It takes one of ${STATES.join(', ').toLowerCase()}.`);
  return state;
}
