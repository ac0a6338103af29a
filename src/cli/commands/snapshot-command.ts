import type { Command } from 'commander';
import { addClusterOptions } from '../options/cluster-options.ts';
import type { SnapshotFlags } from './snapshot.ts';

const EXAMPLES = `
Examples:
  chainsmith snapshot --out cluster.json
  chainsmith snapshot --context prod --node worker-1 --out worker-1.json
  chainsmith snapshot | ssh laptop 'cat > cluster.json'
  chainsmith compile -f cluster.json --node worker-1

It lists nodes, services and endpointslices in all namespaces, and changes nothing. A ClusterRole for it:
  rules:
  - apiGroups: [""]
    resources: ["nodes", "services"]
    verbs: ["list"]
  - apiGroups: ["discovery.k8s.io"]
    resources: ["endpointslices"]
    verbs: ["list"]`;

export function addSnapshotCommand(program: Command): void {
  const command = program
    .command('snapshot')
    .description('save what shapes the rules of nodes, out of a live cluster, as one JSON file that -f reads')
    .summary('save the input of a live cluster as a file')
    .usage('[options]')
    .helpOption('-h, --help', 'print help')
    .showHelpAfterError('(chainsmith snapshot --help lists its options)')
    .allowExcessArguments()
    .addHelpText('after', EXAMPLES);
  addClusterOptions(command, 'Cluster:');
  command
    .optionsGroup('Output:')
    .option('--out <file>', 'where to write it; else to standard output')
    .option('--node <name>', 'leave out all Nodes but this one, so that compile needs no --node');
  command.action(async (_options: unknown, self: Command) => {
    const { runSnapshot } = await import('./snapshot.ts');
    process.exitCode = await runSnapshot(self.optsWithGlobals<SnapshotFlags>(), self.args);
  });
}
