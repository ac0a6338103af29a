// A node before an apply that is going to go wrong: two snapshots, so that the plan between them touches both families, several tables,
// jumps, a kernel setting and nfacct objects.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compile } from '../../../src/core/compile/compile.ts';
import type { CompiledRules } from '../../../src/core/ruleset/compiled-rules.ts';
import type { Variant } from '../../../src/host/iptables/tools.ts';
import { clusterJson } from '../../../scripts/benchmark/cluster.ts';
import { recordedConfig, recordedSnapshot } from '../../support/recordings.ts';
import { surroundAll } from './foreign-rules.ts';
import { printFamily, readReference, type ReferenceCase } from './reference-cases.ts';
import type { Dumps } from './test-node.ts';
import { TestNode } from './test-node.ts';

/** Both are compiled for node-a, with nfacct. Without localhost nodePorts, so that nothing has asked for route_localnet yet. */
export const OLD: ReferenceCase = readReference('loadbalancer-local@no-localhost-nodeports');
export const NEW: ReferenceCase = readReference('dual-stack');

export type Before = 'fresh' | 'loaded';

export interface Scene {
  readonly variant: Variant;
  readonly before: Before;
  /** So many Services besides that iptables-legacy-restore gets their chains while they are compiled. */
  readonly many?: true;
}

const MANY: unknown = JSON.parse(clusterJson(250, 1));

/** What a scene's apply gives. */
export function desiredOf({ many }: Scene): readonly CompiledRules[] {
  if (many === undefined) return NEW.desired;
  manyDesired ??= compile([recordedSnapshot(NEW.name), MANY], {
    node: 'node-a',
    config: recordedConfig(NEW.name),
    nfacct: true,
  }).rules;
  return manyDesired;
}

let manyDesired: readonly CompiledRules[] | undefined;

/** Besides the recorded one. */
function writeMany(folder: string): string {
  const file = join(folder, 'many.json');
  writeFileSync(file, JSON.stringify(MANY));
  return file;
}

/** Some jumps are missing, one is there twice and one is not of this world: built-in chains have to be edited. */
function damaged(family: 'ipv4' | 'ipv6', rules: readonly CompiledRules[]): string {
  return printFamily(rules, family)
    .replace(/^-A PREROUTING .*-j KUBE-SERVICES\n/m, '')
    .replace(/^-A FORWARD .*-j KUBE-FORWARD\n/m, (line) => `${line}${line}`);
}

const OLD_DUMPS: Dumps = surroundAll((family) => damaged(family, OLD.desired));
const FRESH_DUMPS: Dumps = surroundAll(() => '');

/** A node as the scene has it before chainsmith comes. A fresh one has rules of others only in one of the families. */
export async function makeNode(scene: Scene, prefix: string, stateDir: string): Promise<TestNode> {
  const node = await TestNode.create(prefix, scene.variant, stateDir);
  try {
    if (scene.before === 'loaded') {
      await node.runner.run('nfacct', ['add', 'ct_state_invalid_dropped_pkts']);
      await node.load(OLD_DUMPS);
    } else {
      await node.load({ ipv4: FRESH_DUMPS.ipv4, ipv6: '' });
    }
    return node;
  } catch (error) {
    await node.remove();
    throw error;
  }
}

/** @param seconds for one command of an iptables tool */
export function applyArguments(node: TestNode, stateDir: string, seconds = 30, scene?: Scene): readonly string[] {
  return [
    ['apply', '--yes', '-f', NEW.snapshotFile, '--config', NEW.configFile, '--node', 'node-a', '--nfacct'],
    scene?.many === undefined ? [] : ['-f', writeMany(dirname(stateDir))],
    ['--netns', node.name, '--variant', node.variant, '--state-dir', stateDir, '-q'],
    ['--command-timeout', String(seconds), '--lock-timeout', '2'],
  ].flat();
}

/** The same for another input. */
export function argumentsFor(node: TestNode, stateDir: string, one: ReferenceCase): readonly string[] {
  const files = new Map([
    [NEW.snapshotFile, one.snapshotFile],
    [NEW.configFile, one.configFile],
  ]);
  return applyArguments(node, stateDir).map((arg) => files.get(arg) ?? arg);
}
