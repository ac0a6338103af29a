// One apply with one fault in it, and the judgement: the node has the old rules or the new ones, all of them, and chainsmith said which.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { applyArguments, desiredOf, makeNode, type Scene } from './fault-scene.ts';
import { isDeadly, type Faults, type FaultTools } from './fault-tools.ts';
import { stateDifferences, type NodeState } from './node-state.ts';
import type { Residents } from './residents.ts';
import { runChainsmith, type ChainsmithRun } from './run-chainsmith.ts';
import type { TestNode } from './test-node.ts';

/** What the node has in a scene, before and after an apply without faults; and the calls of that apply. */
export interface Recording {
  readonly scene: Scene;
  readonly old: NodeState;
  readonly next: NodeState;
  readonly calls: readonly string[];
}

export interface TrialContext {
  readonly tools: FaultTools;
  readonly prefix: string;
  readonly residents: Residents;
  /** A folder of this suite's own. */
  readonly folder: string;
}

/** `old` and `new` with an exit status that says so; `killed` if chainsmith was ended by SIGKILL. */
export type Outcome = 'old' | 'new' | 'killed';

export async function record(context: TrialContext, scene: Scene, faults: Faults = {}): Promise<Recording> {
  return await withNode(context, scene, async (node, stateDir) => {
    const old = await node.state();
    const run = context.tools.record(faults);
    const { status, err } = await runChainsmith(applyArguments(node, stateDir, undefined, scene), run.environment);
    if (Object.keys(faults).length === 0) assert.equal(status, 0, err);
    return { scene, old, next: await node.state(), calls: run.calls() };
  });
}

/** @param seconds for one command; small where a command is to hang */
export async function tryFaults(
  context: TrialContext,
  recording: Recording,
  faults: Faults,
  seconds = 30,
): Promise<Outcome> {
  const { scene, next } = recording;
  return await withNode(context, scene, async (node, stateDir) => {
    const run = context.tools.start(faults);
    const args = applyArguments(node, stateDir, seconds, scene);
    const ended = Object.values(faults).some(isDeadly)
      ? await runChainsmith(args, run.environment)
      : await context.residents.run(args, run.environment);
    assert.equal(run.injected().length, Object.keys(faults).length, `all faults were met: ${JSON.stringify(ended)}`);
    await node.settle();
    const outcome = judge(ended, await node.state(), recording, stateDir);
    await node.apply(desiredOf(scene));
    assert.deepEqual(stateDifferences(next, await node.state()), [], 'the next apply gives the new rules');
    run.remove();
    return outcome;
  });
}

export function judge(
  ended: ChainsmithRun,
  state: NodeState,
  { old, next }: Pick<Recording, 'old' | 'next'>,
  stateDir: string,
): Outcome {
  const said = `status ${ended.status}, signal ${ended.signal}, it said:\n${ended.err}`;
  if (ended.signal === 'SIGKILL') {
    assertWholeTables(state, { old, next });
    return 'killed';
  }
  assert.equal(ended.signal, undefined, said);
  if (ended.status === 0) {
    assert.deepEqual(stateDifferences(next, state), [], `the new rules, ${said}`);
    assert.ok(existsSync(join(stateFolder(stateDir), 'last-apply.json')), said);
    return 'new';
  }
  assert.deepEqual(stateDifferences(old, state), [], `the old rules, ${said}`);
  assertClear(ended);
  assert.match(ended.err, /nothing was changed|the node has the rules it had before/i);
  assert.deepEqual(left(stateDir), [], 'nothing is left to take back');
  return 'old';
}

export function assertClear({ status, err }: ChainsmithRun): void {
  assert.ok(status === 1 || (status === 130 && err.includes('interrupted')), `${status}: ${err}`);
  assert.match(err, /^(?:error|interrupted): \S/m);
  assert.doesNotMatch(err, /bug in chainsmith|^ +at |\[object|undefined/m);
}

export function stateFolder(stateDir: string): string {
  const [name = ''] = existsSync(stateDir) ? readdirSync(stateDir) : [];
  return join(stateDir, name);
}

function left(stateDir: string): readonly string[] {
  const folder = stateFolder(stateDir);
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** A table is loaded as a whole, whoever dies meanwhile. */
function assertWholeTables(
  state: NodeState,
  { old, next }: { readonly old: NodeState; readonly next: NodeState },
): void {
  const tables = new Set([...state.keys(), ...old.keys(), ...next.keys()].map(tableOf));
  for (const table of tables) {
    const [now, before, after] = [state, old, next].map((all) => only(all, table));
    if (stateDifferences(before ?? new Map(), now ?? new Map()).length === 0) continue;
    assert.deepEqual(stateDifferences(after ?? new Map(), now ?? new Map()), [], `a mix within ${table}`);
  }
}

function tableOf(key: string): string {
  return key.split(' ').slice(0, 2).join(' ');
}

function only(state: NodeState, table: string): NodeState {
  return new Map([...state].filter(([key]) => tableOf(key) === table));
}

export async function withNode<T>(
  { prefix, folder }: TrialContext,
  scene: Scene,
  act: (node: TestNode, stateDir: string) => Promise<T>,
): Promise<T> {
  const stateDir = mkdtempSync(join(folder, 'state-'));
  const node = await makeNode(scene, prefix, stateDir);
  try {
    return await act(node, stateDir);
  } finally {
    await node.remove();
    rmSync(stateDir, { recursive: true, force: true });
  }
}
