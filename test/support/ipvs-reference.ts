// Recordings of kube-proxy v1.36.2 in ipvs mode, and how what is printed is compared with them.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../../src/core/compile/compile.ts';
import type { CompiledRules } from '../../src/core/ruleset/compiled-rules.ts';
import { readRules } from './golden-rules.ts';
import { recordedConfig, recordedSnapshot, recordedText, REFERENCE, referenceCases } from './recordings.ts';

/** Those with a folder `ipvs`. */
export const ipvsCases: readonly string[] = referenceCases.filter((name) => existsSync(join(REFERENCE, name, 'ipvs')));

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
  return recordedText(name, join('ipvs', file));
}

/** Both families for node-a. */
export function compiledCase(name: string, mode: 'ipvs' | 'iptables' = 'ipvs'): readonly CompiledRules[] {
  const config = { ...recordedConfig(name), mode };
  const { rules } = compile([recordedSnapshot(name)], { config, node: 'node-a' });
  assert.equal(rules.length, 2);
  return rules;
}
