// One apply in ipvs mode with one fault in it, as a process of its own, and the judgement: the node has the old state or the new one of rules,
// sets, addresses, virtual servers and settings; or, where chainsmith was killed, `undo` brings the old one back.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hostRunner } from '../../../src/host/exec.ts';
import type { ExecutorName } from '../../../src/host/ipvs/kube-ipvs.ts';
import { comparableAddresses, sortedLines } from '../../support/ipvs-reference.ts';
import { recordedConfigFile, REFERENCE } from '../../support/recordings.ts';
import { FaultTools, isDeadly, type Fault, type FaultRun } from './fault-tools.ts';
import { judge, type Outcome } from './fault-trial.ts';
import type { NetlinkFault } from './faulty-libc.ts';
import { writeStandIns } from './ipvs-stand-ins.ts';
import { stateDifferences, type NodeState } from './node-state.ts';
import { Residents } from './residents.ts';
import { runChainsmith, type ChainsmithRun } from './run-chainsmith.ts';
import { TestNode } from './test-node.ts';

/** Recorded cases whose rules need nothing of IPVS itself; `iptables` or `ipvs` is the mode that they are compiled for. */
export interface Goal {
  readonly name: string;
  readonly mode: 'iptables' | 'ipvs';
}

export interface IpvsScene {
  readonly executor: ExecutorName;
  readonly from: Goal;
  readonly to: Goal;
}

export interface IpvsRecording {
  readonly scene: IpvsScene;
  /** Loads what the node has before. */
  readonly prepared: Prepared;
  readonly old: NodeState;
  readonly next: NodeState;
  readonly calls: readonly string[];
  /** Kinds of the datagrams, in order. */
  readonly datagrams: readonly string[];
}

interface Prepared {
  readonly script: string;
  readonly folder: string;
}

export interface IpvsFaults {
  readonly tools?: Readonly<Record<string, Fault>>;
  readonly netlink?: { readonly at: number; readonly how: NetlinkFault };
}

const VARIANT = 'nft';
const PRELOAD = fileURLToPath(new URL('./netlink-preload.js', import.meta.url));
/** Programs that the ipvs mode takes besides the others. */
const MORE = ['ipvsadm', 'ipset', 'ip', 'conntrack'] as const;

/** The tools of these trials; made once. */
export async function ipvsFaultTools(folder: string): Promise<FaultTools> {
  const [ip, cat, tee] = await Promise.all(['ip', 'cat', 'tee'].map((name) => hostRunner.which(name)));
  assert.ok(ip !== undefined && cat !== undefined && tee !== undefined);
  return await FaultTools.create(folder, MORE, writeStandIns(folder, { ip, cat, tee }));
}

export class IpvsTrials {
  readonly #tools: FaultTools;
  readonly #prefix: string;
  readonly #folder: string;
  readonly #residents: Readonly<Record<ExecutorName, Residents>> = {
    tools: new Residents(),
    netlink: new Residents(['--import', PRELOAD]),
  };

  constructor(tools: FaultTools, prefix: string, folder: string) {
    [this.#tools, this.#prefix, this.#folder] = [tools, prefix, folder];
  }

  end(): void {
    for (const residents of Object.values(this.#residents)) residents.end();
  }

  /** Goes from one state to the other without a fault. */
  async record(scene: IpvsScene): Promise<IpvsRecording> {
    return await this.#withNode(async (place) => {
      await place.reach(scene, scene.from);
      const prepared = await place.prepared(mkdtempSync(join(this.#folder, 'prepared-')));
      const old = await place.state();
      const { ended, run, datagrams } = await place.record(scene, scene.to);
      assert.equal(ended.status, 0, ended.err);
      const next = await place.state();
      assert.notDeepEqual(stateDifferences(old, next), []);
      await place.undo(scene);
      assert.deepEqual(stateDifferences(old, await place.state()), [], 'undo');
      return { scene, prepared, old, next, calls: run.calls(), datagrams };
    });
  }

  /** @param seconds for one command; small where one is to hang */
  async tryFaults(recording: IpvsRecording, faults: IpvsFaults, seconds = 30): Promise<Outcome> {
    const { scene, old, next, prepared } = recording;
    return await this.#withNode(async (place) => {
      await place.load(prepared);
      const { ended, run, datagrams } = await place.start(scene, scene.to, faults, seconds);
      const met = run.injected().length + datagrams.filter((line) => line.endsWith('injected')).length;
      assert.equal(met, 1, `the fault was met: ${JSON.stringify(ended)}`);
      await place.node.settle();
      const outcome = await this.#judge(ended, place, recording);
      if (outcome === 'killed') {
        await place.undo(scene);
        assert.deepEqual(stateDifferences(old, await place.state()), [], 'undo gives the old state');
      }
      await place.reach(scene, scene.to);
      assert.deepEqual(stateDifferences(next, await place.state()), [], 'the next apply gives the new state');
      return outcome;
    });
  }

  async #judge(ended: ChainsmithRun, place: Place, { old, next }: IpvsRecording): Promise<Outcome> {
    const state = await place.state();
    if (ended.signal !== 'SIGKILL') return judge(ended, state, { old, next }, place.stateDir);
    // Sets are made one by one; a table of rules is loaded as a whole.
    const rules = (all: NodeState): NodeState => new Map([...all].filter(([key]) => !key.startsWith('ipvs ')));
    return judge(ended, rules(state), { old: rules(old), next: rules(next) }, place.stateDir);
  }

  async #withNode<T>(act: (place: Place) => Promise<T>): Promise<T> {
    const folder = mkdtempSync(join(this.#folder, 'node-'));
    const node = await TestNode.create(this.#prefix, VARIANT, folder);
    try {
      return await act(new Place(node, folder, { tools: this.#tools, residents: this.#residents }));
    } finally {
      await node.remove();
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

interface Started {
  readonly ended: ChainsmithRun;
  readonly run: FaultRun;
  readonly datagrams: readonly string[];
}

/** Those of the kernel's own that an apply writes. */
const SETTINGS = ['/proc/sys/net/ipv4/conf/all/route_localnet', '/proc/sys/net/ipv4/ip_forward'] as const;
const catOf = (path: string): string => `cat ${path}`;

/** Files of what stands in for IPVS, and what they mean if they are missing. */
const UNTOUCHED = {
  servers: '',
  timeouts: '900 120 300',
  conntrack: '0',
  expire_nodest_conn: '0',
  expire_quiescent_template: '0',
};

interface PlaceRun {
  readonly scene: IpvsScene;
  readonly to: Goal;
  readonly faults: IpvsFaults;
  readonly seconds: number;
}

interface PlaceTools {
  readonly tools: FaultTools;
  readonly residents: Readonly<Record<ExecutorName, Residents>>;
}

/** A namespace, with the files of what stands in for IPVS. */
class Place {
  readonly node: TestNode;
  readonly stateDir: string;
  readonly #ipvs: string;
  readonly #datagrams: string;
  readonly #tools: FaultTools;

  readonly #residents: Readonly<Record<ExecutorName, Residents>>;

  constructor(node: TestNode, folder: string, { tools, residents }: PlaceTools) {
    this.node = node;
    this.stateDir = join(folder, 'state');
    this.#ipvs = join(folder, 'ipvs');
    this.#datagrams = join(folder, 'datagrams');
    [this.#tools, this.#residents] = [tools, residents];
    for (const path of [this.stateDir, this.#ipvs]) mkdirSync(path);
  }

  async start(scene: IpvsScene, to: Goal, faults: IpvsFaults = {}, seconds = 30): Promise<Started> {
    return await this.#start(this.#tools.start(faults.tools), { scene, to, faults, seconds });
  }

  async record(scene: IpvsScene, to: Goal): Promise<Started> {
    return await this.#start(this.#tools.record(), { scene, to, faults: {}, seconds: 30 });
  }

  async #start(run: FaultRun, { scene, to, faults, seconds }: PlaceRun): Promise<Started> {
    const { tools, netlink } = faults;
    rmSync(this.#datagrams, { force: true });
    const fault = netlink === undefined ? '' : `${netlink.at}=${netlink.how}`;
    const args = this.#arguments(scene, to, seconds);
    const dies = [...Object.values(tools ?? {}), netlink?.how ?? ''].some(isDeadly);
    const ended = await this.#run(scene, args, { run, fault, dies });
    const text = existsSync(this.#datagrams) ? readFileSync(this.#datagrams, 'utf8') : '';
    return { ended, run, datagrams: text.split('\n').slice(0, -1) };
  }

  /** An apply that succeeds. */
  async reach(scene: IpvsScene, to: Goal): Promise<void> {
    const { ended, run } = await this.start(scene, to);
    assert.equal(ended.status, 0, ended.err);
    run.remove();
  }

  async undo(scene: IpvsScene): Promise<void> {
    const run = this.#tools.start();
    const args = ['undo', '--yes', ...this.#common(scene, 30)];
    const ended = await this.#run(scene, args, { run, fault: '', dies: false });
    // Killed before anything was stored: there is nothing to take back.
    if (ended.status !== 0) assert.match(ended.err, /nothing to undo/, ended.err);
    run.remove();
  }

  async #run(
    { executor }: IpvsScene,
    args: readonly string[],
    { run, fault, dies }: { readonly run: FaultRun; readonly fault: string; readonly dies: boolean },
  ): Promise<ChainsmithRun> {
    const netlink = { NETLINK_CALLS: this.#datagrams, NETLINK_FAULT: fault };
    const environment = { ...run.environment, IPVS_FOLDER: this.#ipvs, ...(executor === 'netlink' ? netlink : {}) };
    if (!dies) return await this.#residents[executor].run(args, environment);
    const preload = { NODE_OPTIONS: `--import ${PRELOAD}` };
    return await runChainsmith(args, { ...environment, ...(executor === 'netlink' ? preload : {}) });
  }

  #arguments(scene: IpvsScene, { name, mode }: Goal, seconds: number): readonly string[] {
    const snapshot = join(REFERENCE, name, 'snapshot.json');
    const files = ['-f', snapshot, '--config', recordedConfigFile(name), '--node', 'node-a'];
    const ways = ['--mode', mode, '--variant', VARIANT, '--lock-timeout', '2'];
    return ['apply', '--yes', ...files, ...ways, ...this.#common(scene, seconds)];
  }

  #common({ executor }: IpvsScene, seconds: number): readonly string[] {
    const place = ['--netns', this.node.name, '--state-dir', this.stateDir, '-q'];
    return [...place, '--executor', executor, '--drain-timeout', '1', '--command-timeout', String(seconds)];
  }

  async state(): Promise<NodeState> {
    const state = new Map(await this.node.state());
    const { stdout } = await this.node.runner.run('sh', [
      '-c',
      'ipset save; echo ==; ip -o address show dev kube-ipvs0 2> /dev/null; ip -o link show kube-ipvs0 2> /dev/null || true',
    ]);
    const [sets = '', addresses = ''] = stdout.split('==\n');
    state.set('ipvs sets', sortedLines(sets.replaceAll(/ initval \S+/g, '')));
    // Without its number and its hardware address, which are chance.
    state.set('ipvs addresses', comparableAddresses(addresses.replaceAll(/^\d+: kube-ipvs0: .*$/gm, 'kube-ipvs0')));
    for (const [file, usual] of Object.entries(UNTOUCHED)) {
      const path = join(this.#ipvs, file);
      state.set(`ipvs ${file}`, existsSync(path) ? sortedLines(readFileSync(path, 'utf8')) : usual);
    }
    return state;
  }

  /** How to give another node what this one has. */
  async prepared(folder: string): Promise<Prepared> {
    cpSync(this.#ipvs, join(folder, 'ipvs'), { recursive: true });
    const commands = [
      'iptables-nft-save -c',
      'ip6tables-nft-save -c',
      'ipset save',
      'ip -o address',
      ...SETTINGS.map(catOf),
    ];
    const { stdout } = await this.node.runner.run('sh', ['-c', commands.join('; echo ==; ')]);
    const [ipv4 = '', ipv6 = '', sets = '', addresses = '', ...settings] = stdout.split('==\n');
    const bound = [...addresses.matchAll(/kube-ipvs0\s+inet6? (\S+)/g)].map(
      ([, one = '']) => `address add ${one} dev kube-ipvs0`,
    );
    const link = (await this.state()).get('ipvs addresses')?.includes('kube-ipvs0') === true;
    const here = (command: string, text: string): string => `${command} << 'END'\n${text.trimEnd()}\nEND\n`;
    const script = [
      ...SETTINGS.map((path, i) => `echo ${settings[i]?.trim()} > ${path}\n`),
      here('ipset restore', sets),
      here('iptables-nft-restore -c', ipv4),
      here('ip6tables-nft-restore -c', ipv6),
      link ? here('ip -batch -', ['link add kube-ipvs0 type bridge', ...bound].join('\n')) : '',
    ].join('');
    return { script, folder: join(folder, 'ipvs') };
  }

  async load({ script, folder }: Prepared): Promise<void> {
    await this.node.runner.run('sh', ['-e'], { input: script });
    cpSync(folder, this.#ipvs, { recursive: true });
  }
}
