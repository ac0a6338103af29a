// The demo itself; scripts/demo (bash) installs, builds and starts it. Real connections, in network namespaces of its own, meet
// the rules that chainsmith compiled from examples/demo.
import { fileURLToPath } from 'node:url';
import { CommandFailed, hostRunner } from '../src/host/exec.ts';
import { distributionTable, rulesOfService, SIGNIFICANCE, verdict, type Backend } from './demo-report.ts';
import { NODE, podAddress, SERVER_PORT } from './lab/addresses.ts';
import { buildLab, type LabPod } from './lab/build-lab.ts';
import { testUniformity } from './lab/chi-square.ts';
import { restoreRules, type Variant } from './lab/iptables.ts';
import { removeAbandonedLabs, removeOwnLabs, Lab } from './lab/lab.ts';
import { runProbe, type Outcome } from './lab/probe.ts';
import { startServers } from './lab/servers.ts';

const PREFIX = 'chainsmith-demo';
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SERVICE = 'default/web:http';
const CONNECTIONS = 300;
const REMOVED = 'Removed everything again.';
const PODS: readonly LabPod[] = [11, 12, 13].map((host, index) => ({
  name: `web-${index + 1}`,
  node: 'a',
  address: podAddress('a', host),
}));

interface Target {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

const CLUSTER_IP: Target = { name: 'the ClusterIP', host: '10.96.0.80', port: 80 };
const NODE_PORT: Target = { name: 'the NodePort', host: NODE.ipv4, port: 30080 };
const COMPILE = ['compile', '-f', 'examples/demo', '--node', 'node-a', '--cluster-cidr', '10.244.0.0/16'];

function say(line = ''): void {
  process.stdout.write(`${line}\n`);
}

async function compileRules(): Promise<string> {
  const command = fileURLToPath(new URL('../bin/chainsmith.js', import.meta.url));
  const args = COMPILE.map((word) => (word === 'examples/demo' ? `${ROOT}${word}` : word));
  const { stdout } = await hostRunner.run(process.execPath, [command, ...args], { timeoutMs: 30_000 });
  return stdout;
}

/** Why no real traffic is possible here; undefined when it is. */
async function obstacle(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'this is not Linux';
  if (process.getuid?.() !== 0) return 'network namespaces need root; try: sudo scripts/demo';
  for (const tool of ['ip', 'iptables-restore']) {
    if ((await hostRunner.which(tool)) === undefined) return `${tool} is not installed`;
  }
  const lab = new Lab(hostRunner, PREFIX);
  try {
    await lab.addHost('probe');
    await lab.on('probe').run('iptables', ['-t', 'nat', '-S']);
    return undefined;
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return `no network namespace with iptables can be made here (${error.message})`;
  } finally {
    await lab.remove();
  }
}

async function bestVariant(): Promise<Variant> {
  return (await hostRunner.which('iptables-nft-restore')) === undefined ? 'legacy' : 'nft';
}

function countBackends(outcomes: readonly Outcome[]): Backend[] {
  return PODS.map((pod) => ({
    name: pod.name,
    address: `${pod.address.ipv4}:${SERVER_PORT}`,
    connections: outcomes.filter((outcome) => outcome.kind === 'answered' && outcome.server === pod.name).length,
  }));
}

type Finding = 'even' | 'uneven' | 'unanswered';

/** One measurement, printed. */
async function measure(lab: Lab, from: string, target: Target): Promise<Finding> {
  const probe = { protocol: 'tcp', host: target.host, port: target.port, count: CONNECTIONS } as const;
  const outcomes = await runProbe(lab, from, { ...probe, timeoutMs: 2000, giveUpAfter: 3 });
  const backends = countBackends(outcomes);
  const unanswered = outcomes.filter((outcome) => outcome.kind !== 'answered');
  for (const line of distributionTable(backends)) say(`  ${line}`);
  if (unanswered.length > 0) {
    say(`  ${unanswered.length} connections had no answer: ${unanswered.map((outcome) => outcome.kind).join(', ')}`);
    return 'unanswered';
  }
  const test = testUniformity(backends.map((backend) => backend.connections));
  say(`  ${verdict(test)}`);
  return test.pValue >= SIGNIFICANCE ? 'even' : 'uneven';
}

/** A second measurement, printed like the first, tells chance from a fault. True when all is well. */
async function measureTwiceIfNeeded(lab: Lab, from: string, target: Target): Promise<boolean> {
  const client = from === 'outside' ? 'the outside client' : `the pod ${from}`;
  say(`${CONNECTIONS} connections from ${client} to ${target.name} ${target.host}:${target.port}`);
  const finding = await measure(lab, from, target);
  if (finding !== 'uneven') return finding === 'even';
  say('  that happens by chance once in a thousand times; once more:');
  return (await measure(lab, from, target)) === 'even';
}

function showRules(rules: string): void {
  say('The rules that did it, in the order in which a connection to the ClusterIP meets them (one endpoint of three):');
  for (const line of rulesOfService(rules, SERVICE)) say(`  ${line}`);
  say();
}

function showWayAround(lab: Lab): void {
  const node = lab.namespaceOf('node');
  say('Everything is still there. To look around:');
  say(`  ip netns exec ${node} iptables-save -t nat`);
  say(`  ip netns exec ${node} iptables -t nat -L KUBE-SERVICES -v -n`);
  say(`  ip netns exec ${lab.namespaceOf('outside')} curl http://${CLUSTER_IP.host}/`);
  say(`  ip netns exec ${lab.namespaceOf('web-1')} bash`);
  say('To remove it:');
  say('  scripts/demo --remove');
}

async function demonstrate(lab: Lab, rules: string, keep: boolean): Promise<boolean> {
  await startServers(
    lab,
    PODS.map((pod) => pod.name),
    { stay: keep },
  );
  await restoreRules(lab.on('node'), 'ipv4', await bestVariant(), rules);
  const count = rules.split('\n').filter((line) => line.startsWith('-A ')).length;
  say(`loaded   ${count} rules by iptables-restore in the namespace of the node`);
  say();
  let even = true;
  for (const from of ['outside', 'web-1']) {
    for (const target of [CLUSTER_IP, NODE_PORT]) {
      even = (await measureTwiceIfNeeded(lab, from, target)) && even;
      say();
    }
  }
  showRules(rules);
  return even;
}

let interrupted = false;

function removeAndExit(signalNumber: number): void {
  if (interrupted) return;
  interrupted = true;
  removeOwnLabs(hostRunner, PREFIX).then(
    () => {
      say(REMOVED);
      process.exit(128 + signalNumber);
    },
    () => process.exit(1),
  );
}

/** Ctrl-C, `kill` and a reader that goes away (`| head`) remove the laboratory too, however far its set-up came. */
function removeWhenInterrupted(): void {
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ] as const) {
    process.on(signal, () => removeAndExit(number));
  }
  // Node ignores SIGPIPE and reports the write that failed.
  process.stdout.on('error', () => removeAndExit(13));
}

async function runDemo(rules: string, keep: boolean): Promise<boolean> {
  removeWhenInterrupted();
  const lab = await buildLab(hostRunner, { prefix: PREFIX, pods: PODS, clients: 0 });
  let finished = false;
  try {
    say(`made     the network namespaces ${lab.name}-{${lab.hosts.join(',')}}`);
    const even = await demonstrate(lab, rules, keep);
    finished = true;
    return even;
  } finally {
    if (keep && finished) {
      showWayAround(lab);
    } else {
      await lab.remove();
      // After a signal its handler says so, when all is gone.
      if (!interrupted) say(REMOVED);
    }
  }
}

async function main(options: readonly string[]): Promise<number> {
  if (options.includes('--remove')) {
    const removed = await removeAbandonedLabs(hostRunner, PREFIX);
    say(removed.length === 0 ? 'There is nothing to remove.' : `Removed ${removed.join(', ')}.`);
    return 0;
  }
  const rules = await compileRules();
  const reason = await obstacle();
  if (reason !== undefined) {
    say(rules);
    process.stderr.write(`These are the compiled rules only, without real traffic: ${reason}.\n`);
    return 0;
  }
  say(`compiled chainsmith ${COMPILE.join(' ')}`);
  return (await runDemo(rules, options.includes('--keep'))) ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // When the laboratory went away under the demo's hands, what fails next says nothing new.
  if (!interrupted) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
