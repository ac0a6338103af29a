import { Option, type Command } from 'commander';
import { variants } from '../../host/iptables/tools.ts';
import { executorNames } from '../../host/ipvs/kube-ipvs.ts';
import { secondsOption } from '../options/node-options.ts';
import type { CleanupFlags } from './cleanup.ts';

const EXAMPLES = `
Examples:
  chainsmith cleanup --dry-run               what would go, and what stays
  chainsmith cleanup                         show it, ask, remove it
  chainsmith cleanup --yes --variant legacy  only the rules in iptables-legacy; kube-proxy may go on in nft
  chainsmith cleanup --netns NAME --yes

Stop kube-proxy first: it would make everything again. Exit status: 0 nothing is left, 1 something is left or went wrong;
with --dry-run 2 if there is something to remove; 130 interrupted before anything was removed.`;

export function addCleanupCommand(program: Command): void {
  const command = program
    .command('cleanup')
    .description(
      'remove what kube-proxy, in any mode and version, or chainsmith left on this node: chains and the jumps to them in ' +
        'iptables-nft and iptables-legacy, ipsets, kube-ipvs0 and its IPVS virtual servers, nftables tables, nfacct objects',
    )
    .summary('remove what kube-proxy or chainsmith left')
    .usage('[options]')
    .helpOption('-h, --help', 'print help')
    .showHelpAfterError('(chainsmith cleanup --help lists its options)')
    .allowExcessArguments()
    .addHelpText('after', EXAMPLES);
  command
    .optionsGroup('What:')
    .addOption(new Option('--variant <variant>', 'only the rules of this iptables, and nothing else').choices(variants))
    .option('--all', "the kubelet's chains too")
    .option('--netns <name>', 'a network namespace: its name, a path, or pid:N of a process in it (default: this one)');
  command
    .optionsGroup('How:')
    .option('--yes', 'do not ask')
    .addOption(new Option('--dry-run', 'only show it').conflicts('yes'))
    .addOption(new Option('-o, --output <format>', 'text, or json').choices(['text', 'json']).default('text'))
    .addOption(
      new Option(
        '--executor <name>',
        'what removes ipsets, virtual servers and kube-ipvs0: auto is netlink, or the tools without koffi',
      )
        .choices(['auto', ...executorNames])
        .default('auto'),
    )
    .addOption(secondsOption('--lock-timeout <seconds>', 'how long to wait for a lock that others hold', 30))
    .addOption(secondsOption('--command-timeout <seconds>', 'how long one run of a tool may take', 300, 1));
  command.action(async (_options: unknown, self: Command) => {
    const { runCleanup } = await import('./cleanup.ts');
    process.exitCode = await runCleanup(self.optsWithGlobals<CleanupFlags>(), self.args);
  });
}
