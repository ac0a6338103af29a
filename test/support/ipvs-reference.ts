// Recordings of kube-proxy v1.36.2 in ipvs mode, and how what is printed is compared with them.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { compile } from '../../src/core/compile/compile.ts';
import type { CompiledRules } from '../../src/core/ruleset/compiled-rules.ts';
import { isMapping } from '../../src/core/util/mapping.ts';
import { goldenRoot } from './golden-paths.ts';
import { readRules } from './golden-rules.ts';

export const REFERENCE: string = process.env['CHAINSMITH_REFERENCE'] ?? join(goldenRoot, 'reference');

/** Those with a folder `ipvs`. */
export const ipvsCases: readonly string[] = readdirSync(REFERENCE)
  .filter((name) => existsSync(join(REFERENCE, name, 'ipvs')))
  .sort();

/** The one chain whose rules kube-proxy writes in the random order of its Services. All others have few rules in a fixed order. */
const UNORDERED = 'KUBE-IPVS-OUT-FILTER';

/**
 * iptables-legacy-save prints a table as soon as its module is loaded, and whether mangle is, is chance: kube-proxy has nothing there. So
 * tables without rules and without chains of kube-proxy count for nothing.
 */
export function comparableRules(text: string): string {
  const lines: string[] = [];
  for (const [table, chains] of [...readRules(text)].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const own = [...chains.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    if (own.every(({ policy, lines: rules }) => policy !== '-' && rules.length === 0)) continue;
    lines.push(`*${table}`);
    for (const { name, policy, lines: rules } of own) {
      lines.push(`:${name} ${policy}`, ...(name === UNORDERED ? rules.toSorted() : rules));
    }
  }
  return lines.join('\n');
}

/** Members and sets in any order: the kernel keeps both in hashes. */
export function sortedLines(text: string): string {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .toSorted()
    .join('\n');
}

/** `3: kube-ipvs0    inet 10.96.1.1/32 scope global ...`: the number of the link is chance, the scope follows from the address. */
export function comparableAddresses(text: string): string {
  return sortedLines(text.replaceAll(/^.*\binet6? (\S+).*$/gm, '$1'));
}

/**
 * Each of kube-proxy's two halves writes for itself, and one recording was taken before the half for IPv6 had written anything: its chains
 * are there and empty. There only what is there can be compared.
 */
export function isUnfinished(save: string): boolean {
  return !/^-A KUBE-MARK-MASQ /m.test(save);
}

/** A file of the folder `ipvs`. */
export function recordedIpvs(name: string, file: string): string {
  return readFileSync(join(REFERENCE, name, 'ipvs', file), 'utf8');
}

function referenceSnapshot(name: string): string {
  return join(REFERENCE, name, 'snapshot.json');
}

function referenceConfig(name: string): string {
  const own = join(REFERENCE, name, 'config.yaml');
  return existsSync(own) ? own : join(REFERENCE, 'default-config.yaml');
}

/** Both families for node-a. */
export function compiledCase(name: string, mode: 'ipvs' | 'iptables' = 'ipvs'): readonly CompiledRules[] {
  const config = load(readFileSync(referenceConfig(name), 'utf8'));
  assert.ok(isMapping(config));
  const snapshot: unknown = JSON.parse(readFileSync(referenceSnapshot(name), 'utf8'));
  const { rules } = compile([snapshot], { config: { ...config, mode }, node: 'node-a' });
  assert.equal(rules.length, 2);
  return rules;
}
