// One apply in ipvs mode with one fault in it, as a process of its own, and the judgement: the node has the old state or the new one of rules,
// sets, addresses, virtual servers and settings; or, where chainsmith was killed, `undo` brings the old one back.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hostRunner } from '../../../src/host/exec.ts';
import type { ExecutorName } from '../../../src/host/ipvs/kube-ipvs.ts';
import { FaultTools } from './fault-tools.ts';
import { judge, type Outcome } from './fault-trial.ts';
import { Place, PRELOAD, VARIANT, type IpvsFaults, type IpvsScene, type Prepared } from './ipvs-place.ts';
import { writeStandIns } from './ipvs-stand-ins.ts';
import { withoutLines, type Machine } from './machine-fault.ts';
import { stateDifferences, type NodeState } from './node-state.ts';
import { Residents } from './residents.ts';
import type { ChainsmithRun } from './run-chainsmith.ts';
import { TestNode } from './test-node.ts';

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
      const outcome = await this.#judge(ended, await place.state(), place.stateDir, recording);
      if (outcome === 'killed') {
        await place.undo(scene);
        assert.deepEqual(stateDifferences(old, await place.state()), [], 'undo gives the old state');
      }
      await place.reach(scene, scene.to);
      assert.deepEqual(stateDifferences(next, await place.state()), [], 'the next apply gives the new state');
      return outcome;
    });
  }

  /** The same on a machine that is not as it should be. Gives what chainsmith said. */
  async tryMachine(recording: IpvsRecording, machine: Machine): Promise<string> {
    const { scene, old, next, prepared } = recording;
    return await this.#withNode(async (place) => {
      await place.load(prepared);
      const { ended } = await place.start(scene, scene.to, {}, 30, machine);
      await place.node.settle();
      const { stranger } = machine;
      const own = (state: NodeState): NodeState => (stranger === undefined ? state : withoutLines(state, stranger));
      const of = { ...recording, old: own(old), next: own(next) };
      assert.equal(await this.#judge(ended, own(await place.state()), place.stateDir, of), machine.outcome, ended.err);
      await place.reach(scene, scene.to);
      assert.deepEqual(stateDifferences(next, await place.state()), [], 'the next apply gives the new state');
      return ended.err;
    });
  }

  async #judge(
    ended: ChainsmithRun,
    state: NodeState,
    stateDir: string,
    { old, next }: IpvsRecording,
  ): Promise<Outcome> {
    if (ended.signal !== 'SIGKILL') return judge(ended, state, { old, next }, stateDir);
    // Sets are made one by one; a table of rules is loaded as a whole.
    const rules = (all: NodeState): NodeState => new Map([...all].filter(([key]) => !key.startsWith('ipvs ')));
    return judge(ended, rules(state), { old: rules(old), next: rules(next) }, stateDir);
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
