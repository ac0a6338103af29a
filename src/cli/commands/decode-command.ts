import { InvalidArgumentError, Option, type Command } from 'commander';
import { savedAddress } from '../../core/ruleset/ip-network.ts';
import { parseInteger } from '../options/parsers.ts';
import type { DecodeFlags } from './decode.ts';

const EXAMPLES = `
Examples:
  sudo iptables-save | chainsmith decode
  sudo iptables-save | chainsmith decode - kube-dns -o wide
  chainsmith decode iptables.txt ip6tables.txt
  chainsmith decode dump.txt -n shop
  chainsmith decode dump.txt --ip 10.96.0.10
  chainsmith decode dump.txt --chain KUBE-SVC-TCOU7JCQXEZGVUNU -o wide
  chainsmith decode iptables.txt --ipvs ipvs.txt --ipset ipset.txt
  chainsmith decode dump.txt -o json | jq '.families[].servicePorts[] | select(.endpoints == [])'

It reads what kube-proxy of any version since 1.1 wrote, in iptables mode; in IPVS mode too where its virtual servers and sets are given,
else it says what the rules show, as of the userspace mode. Shares are those of new connections: 1/3 where a rule says 0.5 to those that the rule before it left over.

Exit status: 0, also if no Service fits (standard error says so); 1 if a dump cannot be read.`;

export function addDecodeCommand(program: Command): void {
  const command = program
    .command('decode')
    .description('say which Services, endpoints and shares the rules of an iptables-save dump make')
    .summary('iptables-save back to Services and endpoints')
    .argument(
      '[dump]',
      'output of iptables-save or ip6tables-save, or both in one file (default: standard input, as does -)',
    )
    .argument('[name...]', 'only these Services: web, shop/web or shop/web:http; or further dumps')
    .usage('[DUMP|-] [NAME...] [options]')
    .helpOption('-h, --help', 'print help')
    .showHelpAfterError('(chainsmith decode --help lists its options)')
    .addHelpText('after', EXAMPLES);
  command
    .optionsGroup('Which Services:')
    .option('-n, --namespace <name>', 'only those of this namespace')
    .addOption(
      new Option('--ip <address>', 'only those with this address: of the Service, or of an endpoint').argParser(
        address,
      ),
    )
    .addOption(
      new Option('--port <number>', 'only those with this port, nodePort or endpoint port').argParser(portNumber),
    )
    .option('--chain <name>', 'only those with this chain; the hash in its name is enough');
  command
    .optionsGroup('Of the IPVS mode:')
    .option('--ipvs <file>', 'its virtual servers: what ipvsadm -Sn printed')
    .option('--ipset <file>', 'its sets with their members: what ipset save printed');
  command
    .optionsGroup('Output:')
    .addOption(
      new Option('-o, --output <format>', 'text: a line for each; wide: with endpoints, chains and lines')
        .choices(['text', 'wide', 'json', 'yaml'])
        .default('text'),
    )
    .option(
      '--name <name...>',
      'where rules have no comments: names to try, namespace/name:port; the hash of a chain tells',
    );
  command.action(async (dump: string | undefined, more: readonly string[], _options: unknown, self: Command) => {
    const { runDecode } = await import('./decode.ts');
    process.exitCode = await runDecode(self.optsWithGlobals<DecodeFlags>(), dump, more);
  });
}

function address(text: string): string {
  if (savedAddress(text) === undefined) throw new InvalidArgumentError('It takes an address of IPv4 or IPv6.');
  return text;
}

function portNumber(text: string): number {
  const number = parseInteger(text);
  if (number < 1 || number > 65_535) throw new InvalidArgumentError('It takes a port, 1 to 65535.');
  return number;
}
