import { Option, type Command } from 'commander';
import { addClusterOptions } from '../options/cluster-options.ts';
import { modeOption } from '../options/mode-option.ts';
import { addKernelOptions, drainOption, stateDirOption } from '../options/node-options.ts';
import { addInputOptions, addNodeOptions, addProxyOptions, templatesOption } from '../options/rules-options.ts';
import type { ApplyFlags } from './apply.ts';

const EXAMPLES = `
Examples:
  sudo chainsmith apply -f cluster.json --node worker-1
  sudo chainsmith apply --yes
  sudo chainsmith apply -f manifests/ --netns lab
  sudo chainsmith apply -f cluster.json --node worker-1 --mode ipvs
  sudo chainsmith plan -f cluster.json --out plan.json
  sudo chainsmith apply plan.json

What it prints:
  $ sudo chainsmith apply plan.json --netns lab
  IPv4:
    ~ default/web:http: 1 endpoint replaced (10.244.0.13:8080 -> 10.244.0.14:8080)

  Plan for IPv4: 1 chain to create, 1 to replace, 1 to delete
  Plan for IPv6: no changes
  applied; chainsmith undo --netns lab takes it back

The node has the rules of the input afterwards, or exactly those that it had before: everything is tested before anything is
written, each table changes at once, the rules are read back, and if anything fails, what was there is put back. Rules and chains
of others are not touched. On a terminal it asks before it writes. A plan file is carried out as it is, or refused because the
node has changed since.

In ipvs mode it changes virtual servers, ipsets and the addresses of kube-ipvs0 as well, and a node that is in the other mode goes over
to the one that is asked for. TCP connections to endpoints that go may end first (--drain-timeout).

Exit status: 0 the node has the rules, 1 an error, 130 interrupted before anything was written.`;

export function addApplyCommand(program: Command): void {
  const command = program
    .command('apply')
    .argument('[plan]', 'a file that chainsmith plan --out has written')
    .description('give this node the rules of its Services: all of them, or none')
    .summary('load the rules into a node')
    .usage('[-f FILE|DIR|- | PLAN] [options]')
    .helpOption('-h, --help', 'print help')
    .showHelpAfterError('(chainsmith apply --help lists its options)')
    .addHelpText('after', EXAMPLES);
  addInputOptions(command);
  addClusterOptions(command, 'Cluster (without -f):');
  addKernelOptions(command);
  command.addOption(drainOption());
  command
    .optionsGroup('Safety:')
    .option('--yes', 'do not ask on a terminal')
    .option('--allow-errors', 'apply what could be compiled, though parts of the input are faulty')
    .addOption(stateDirOption())
    .addOption(
      new Option(
        '--verify <extent>',
        'prove first that the node will do what the Services say, for all packets or for what changes',
      ).choices(['full', 'quick']),
    )
    .option('--no-verify', 'with --templates: load the rules unproved')
    .addOption(
      new Option('--no-conntrack', 'leave UDP connections to endpoints that are gone, which are deleted otherwise'),
    )
    .optionsGroup('Output:')
    .option('--diff', 'show the rules that change, chain by chain')
    .addOption(modeOption())
    .addOption(templatesOption());
  addNodeOptions(command);
  addProxyOptions(command);
  command.action(async (plan: string | undefined, _options: unknown, self: Command) => {
    const { runApply } = await import('./apply.ts');
    const given = self.options.filter((option) => self.getOptionValueSource(option.attributeName()) === 'cli');
    const names = given.map((option) => option.long ?? option.flags);
    process.exitCode = await runApply(plan, self.optsWithGlobals<ApplyFlags>(), names);
  });
}
