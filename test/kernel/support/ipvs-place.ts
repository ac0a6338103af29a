// A node in ipvs mode among faults: chainsmith is run on it, and its state is read.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutorName } from '../../../src/host/ipvs/kube-ipvs.ts';
import { comparableAddresses, sortedLines } from '../../support/ipvs-reference.ts';
import { recordedConfigFile, REFERENCE } from '../../support/recordings.ts';
import { isDeadly, type Fault, type FaultRun, type FaultTools } from './fault-tools.ts';
import type { NetlinkFault } from './faulty-libc.ts';
import type { Machine } from './machine-fault.ts';
import type { NodeState } from './node-state.ts';
import type { Residents } from './residents.ts';
import { runChainsmith, type ChainsmithRun } from './run-chainsmith.ts';
import type { TestNode } from './test-node.ts';

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

export interface IpvsFaults {
  readonly tools?: Readonly<Record<string, Fault>>;
  readonly netlink?: { readonly at: number; readonly how: NetlinkFault };
}

export interface Prepared {
  readonly script: string;
  readonly folder: string;
}

/** What is wrong around a run. */
export type PlaceMachine = Pick<Machine, 'within' | 'environment' | 'stateDir'>;

export const VARIANT = 'nft';
export const PRELOAD: string = fileURLToPath(new URL('./netlink-preload.js', import.meta.url));

export interface Started {
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
  readonly machine: PlaceMachine;
}

interface ProcessRun {
  readonly run: FaultRun;
  readonly fault: string;
  readonly dies: boolean;
  readonly machine: PlaceMachine;
}

export interface PlaceTools {
  readonly tools: FaultTools;
  readonly residents: Readonly<Record<ExecutorName, Residents>>;
}

/** A namespace, with the files of what stands in for IPVS. */
export class Place {
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

  async start(
    scene: IpvsScene,
    to: Goal,
    faults: IpvsFaults = {},
    seconds = 30,
    machine: PlaceMachine = {},
  ): Promise<Started> {
    return await this.#start(this.#tools.start(faults.tools), { scene, to, faults, seconds, machine });
  }

  async record(scene: IpvsScene, to: Goal): Promise<Started> {
    return await this.#start(this.#tools.record(), { scene, to, faults: {}, seconds: 30, machine: {} });
  }

  async #start(run: FaultRun, { scene, to, faults, seconds, machine }: PlaceRun): Promise<Started> {
    const { tools, netlink } = faults;
    rmSync(this.#datagrams, { force: true });
    const fault = netlink === undefined ? '' : `${netlink.at}=${netlink.how}`;
    const args = this.#arguments(scene, to, seconds, machine.stateDir);
    const dies = [...Object.values(tools ?? {}), netlink?.how ?? ''].some(isDeadly);
    const ended = await this.#run(scene, args, { run, fault, dies, machine });
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
    const ended = await this.#run(scene, args, { run, fault: '', dies: false, machine: {} });
    // Killed before anything was stored: there is nothing to take back.
    if (ended.status !== 0) assert.match(ended.err, /nothing to undo/, ended.err);
    run.remove();
  }

  async #run(
    { executor }: IpvsScene,
    args: readonly string[],
    { run, fault, dies, machine }: ProcessRun,
  ): Promise<ChainsmithRun> {
    const netlink = { NETLINK_CALLS: this.#datagrams, NETLINK_FAULT: fault };
    const usual = { ...run.environment, IPVS_FOLDER: this.#ipvs, ...(executor === 'netlink' ? netlink : {}) };
    const environment = { ...usual, ...machine.environment?.(run.environment['PATH'] ?? '') };
    if (!dies && machine.within === undefined) return await this.#residents[executor].run(args, environment);
    const preload = { NODE_OPTIONS: `--import ${PRELOAD}` };
    return await runChainsmith(args, { ...environment, ...(executor === 'netlink' ? preload : {}) }, machine.within);
  }

  #arguments(scene: IpvsScene, { name, mode }: Goal, seconds: number, stateDir = this.stateDir): readonly string[] {
    const snapshot = join(REFERENCE, name, 'snapshot.json');
    const files = ['-f', snapshot, '--config', recordedConfigFile(name), '--node', 'node-a'];
    const ways = ['--mode', mode, '--variant', VARIANT, '--lock-timeout', '2'];
    return ['apply', '--yes', ...files, ...ways, ...this.#common(scene, seconds, stateDir)];
  }

  #common({ executor }: IpvsScene, seconds: number, stateDir = this.stateDir): readonly string[] {
    const place = ['--netns', this.node.name, '--state-dir', stateDir, '-q'];
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
