import { Option, type Command } from 'commander';
import { addClusterOptions } from '../options/cluster-options.ts';
import { modeOption } from '../options/mode-option.ts';
import { addKernelOptions } from '../options/node-options.ts';
import { addInputOptions, addNodeOptions, addProxyOptions, templatesOption } from '../options/rules-options.ts';
import type { PlanFlags } from './plan.ts';

const EXAMPLES = `
Examples:
  sudo chainsmith plan -f cluster.json --node worker-1
  sudo chainsmith plan --diff
  sudo chainsmith plan -f manifests/ --netns lab
  sudo chainsmith plan -f cluster.json --out plan.json
  sudo chainsmith apply plan.json
  chainsmith plan -f cluster.json --node worker-1 --current iptables.txt --current ip6tables.txt
  sudo chainsmith plan -f cluster.json --node worker-1 --mode ipvs

What it prints:
  $ sudo chainsmith plan -f /tmp/web.yaml --cluster-cidr 10.244.0.0/16
  IPv4:
    ~ default/web:http: 1 endpoint replaced (10.244.0.13:8080 -> 10.244.0.14:8080)

  Plan for IPv4: 1 chain to create, 1 to replace, 1 to delete
  Plan for IPv6: no changes

It reads the rules of this node (which takes root) or the dumps of --current, compiles the input, and says what apply would change:
by Service first, with --diff rule by rule, then in numbers. Rules are compared by what they mean: other spellings, and another
order of Services, are no change. Chains that are not kube-proxy's are never in a plan. In ipvs mode (--mode ipvs) it also compares
virtual servers, ipsets and the addresses of kube-ipvs0; what the other mode has left on the node is to be removed.

Exit status: 0 no changes, 2 changes, 1 an error.`;

export function addPlanCommand(program: Command): void {
  const command = program
    .command('plan')
    .description('say what apply would change on this node, and change nothing')
    .summary('say what would change on a node')
    .usage('[-f FILE|DIR|-] [options]')
    .helpOption('-h, --help', 'print help')
    .showHelpAfterError('(chainsmith plan --help lists its options)')
    .allowExcessArguments()
    .addHelpText('after', EXAMPLES);
  addInputOptions(command);
  addClusterOptions(command, 'Cluster (without -f):');
  addKernelOptions(command);
  command.option(
    '--current <dump...>',
    'compare with iptables-save output in a file (- for standard input), not a node',
  );
  command
    .option('--ipvs <file>', 'with --current: what ipvsadm -Sn printed')
    .option('--ipset <file>', 'with --current: what ipset save printed');
  command
    .optionsGroup('Output:')
    .option('--diff', 'show the rules that change, chain by chain')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .option('--out <file>', 'write the plan to a file for chainsmith apply FILE')
    .addOption(modeOption())
    .addOption(templatesOption());
  addNodeOptions(command);
  addProxyOptions(command);
  command.action(async (_options: unknown, self: Command) => {
    const { runPlan } = await import('./plan.ts');
    process.exitCode = await runPlan(self.optsWithGlobals<PlanFlags>(), self.args);
  });
}
