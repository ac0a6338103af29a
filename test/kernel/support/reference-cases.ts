import { readdirSync, readFileSync } from 'node:fs';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';
import { compile } from '../../../src/core/compile/compile.ts';
import { printRules } from '../../../src/core/compile/print-rules.ts';
import type { CompiledRules } from '../../../src/core/ruleset/compiled-rules.ts';
import type { Family } from '../../../scripts/lab/addresses.ts';
import type { Dumps } from './test-node.ts';

const REFERENCE_FOLDER: string =
  process.env['CHAINSMITH_REFERENCE'] ?? fileURLToPath(new URL('../../../../golden/reference', import.meta.url));

/** A recorded case: what kube-proxy v1.36.2 programmed for a snapshot. */
export interface ReferenceCase {
  readonly name: string;
  readonly snapshotFile: string;
  readonly configFile: string;
  /** What chainsmith compiles of it for node-a, with nfacct as kube-proxy had it. */
  readonly desired: readonly CompiledRules[];
  /** As kube-proxy programmed it. */
  readonly recorded: Dumps;
}

export function referenceNames(): readonly string[] {
  if (!existsSync(REFERENCE_FOLDER)) return [];
  const entries = readdirSync(REFERENCE_FOLDER, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

export function readReference(name: string): ReferenceCase {
  const path = (file: string): string => join(REFERENCE_FOLDER, name, file);
  const configFile = existsSync(path('config.yaml'))
    ? path('config.yaml')
    : join(REFERENCE_FOLDER, 'default-config.yaml');
  const snapshot: unknown = JSON.parse(readFileSync(path('snapshot.json'), 'utf8'));
  const config: unknown = load(readFileSync(configFile, 'utf8'));
  const { rules } = compile([snapshot], { node: 'node-a', config, nfacct: true });
  const recorded = {
    ipv4: readFileSync(path('iptables.save'), 'utf8'),
    ipv6: readFileSync(path('ip6tables.save'), 'utf8'),
  };
  return { name, snapshotFile: path('snapshot.json'), configFile, desired: rules, recorded };
}

export function printFamily(rules: readonly CompiledRules[], family: Family): string {
  const one = rules.find((compiled) => compiled.family === family);
  return one === undefined ? '' : printRules(one);
}
