import { InvalidArgumentError, Option, type Command } from 'commander';
import { addKnowledgeFlags, addPacketFlags } from '../options/packet-options.ts';
import { parseInteger } from '../options/parsers.ts';
import { RepeatableOption } from '../options/repeatable-option.ts';
import { addNodeOptions, addProxyOptions } from '../options/rules-options.ts';
import type { ReportFlags } from './report.ts';

const EXAMPLES = `
Examples:
  sudo iptables-save | chainsmith report -o report.html
  chainsmith report -o report.html iptables.txt ip6tables.txt
  chainsmith report -o report.html node-1.txt -f cluster.json --node node-1
  chainsmith report -o report.html dump.txt --from 10.244.1.7 --to 10.96.0.10:53/udp
  chainsmith report -o report.html node-1.txt -f cluster.json --from pod/shop/cart-0 --to svc/shop/web
  chainsmith report dump.txt > report.html

The file needs no other, and nothing from the network: send it, keep it, print it. A browser opens it with a search set by what stands
behind #q= (report.html#q=shop/web). It says what decode and lint say, and with --from and --to what trace says of that packet.

Exit status: 0 the report was written, whatever it says; 1 an error, or a dump that was read in part.`;

export function addReportCommand(program: Command): void {
  const command = program
    .command('report')
    .description('write a page for a browser: Services, drawings of their chains, findings, and the way of a packet')
    .summary('all of it as one HTML file')
    .usage('-o FILE [DUMP...|-] [-f FILE] [options]')
    .argument('[dump...]', 'output of iptables-save or ip6tables-save, or of both; - for standard input')
    .helpOption('-h, --help', 'print help')
    .showHelpAfterError('(chainsmith report --help lists its options)')
    .addHelpText('after', EXAMPLES);
  addOptions(command);
  addPacket(command);
  addNodeOptions(command);
  addProxyOptions(command);
  command.action(async (dumps: readonly string[], _options: unknown, self: Command) => {
    const { runReport } = await import('./report.ts');
    process.exitCode = await runReport(self.optsWithGlobals<ReportFlags>(), dumps);
  });
}

function addOptions(command: Command): void {
  command
    .optionsGroup('Output:')
    .option('-o, --output <file>', 'the file to write; - for standard output, which a terminal cannot be')
    .addOption(
      new Option('--draw <number>', 'how many service ports are drawn; those with findings first')
        .argParser(drawingCount)
        .default(200),
    )
    .optionsGroup('Input:')
    .addOption(
      new RepeatableOption(
        '-f, --filename <path>',
        'the cluster: manifests or a snapshot, a file, a directory or - (repeatable)',
      ).argParser(collect),
    )
    .addOption(new Option('--no-defaults', 'take objects as they are; fill in nothing that the API server would'))
    .option('--conntrack <file>', 'what conntrack -L prints')
    .addOption(new RepeatableOption('--ignore <code>', 'do not ask this rule of lint (repeatable)').argParser(collect));
}

function addPacket(command: Command): void {
  command
    .optionsGroup('One packet:')
    .option('--from <who>', 'ADDRESS, ADDRESS:PORT, local (the node itself) or pod/NAMESPACE/NAME')
    .option(
      '--to <where>',
      'ADDRESS:PORT/PROTOCOL (tcp if left out), ADDRESS/icmp, svc/NAMESPACE/NAME:PORT or pod/NAMESPACE/NAME:PORT',
    );
  addPacketFlags(command);
  addKnowledgeFlags(command);
}

function drawingCount(text: string): number {
  const number = parseInteger(text);
  if (number < 0) throw new InvalidArgumentError('It takes a whole number, 0 for no drawing.');
  return number;
}

function collect(text: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), text];
}
