/** Recordings of what kube-proxy v1.36.2 programmed for a snapshot on node-a (golden/reference). */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { isMapping, type Mapping } from '../../src/core/util/mapping.ts';
import { goldenRoot } from './golden-paths.ts';

export const REFERENCE: string = process.env['CHAINSMITH_REFERENCE'] ?? join(goldenRoot, 'reference');

export const referenceCases: readonly string[] = readdirSync(REFERENCE, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

export function recordedText(name: string, file: string): string {
  return readFileSync(join(REFERENCE, name, file), 'utf8');
}

export function recordedSnapshot(name: string): unknown {
  return JSON.parse(recordedText(name, 'snapshot.json'));
}

/** Most cases were recorded with one and the same. */
export function recordedConfigFile(name: string): string {
  const own = join(REFERENCE, name, 'config.yaml');
  return existsSync(own) ? own : join(REFERENCE, 'default-config.yaml');
}

export function recordedConfig(name: string): Mapping {
  const config = load(readFileSync(recordedConfigFile(name), 'utf8'));
  assert.ok(isMapping(config));
  return config;
}
