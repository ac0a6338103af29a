/** How long a large dump takes to read: `node dist/scripts/benchmark/parse.js`. Exits with 1 if a target is missed. */
import { compile } from '../../src/core/compile/compile.ts';
import { printRules } from '../../src/core/compile/print-rules.ts';
import { canonicalRule } from '../../src/core/parse/iptables-save/canonical-rule.ts';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { splitSave } from '../../src/core/parse/iptables-save/split-save.ts';
import { printCanonicalDump, printDump } from '../../src/core/ruleset/print-dump.ts';
import { clusterJson, NODE, POD_RANGE } from './cluster.ts';
import { median } from './measure.ts';

const SERVICES = 5000;
const ENDPOINTS = 10;
const ROUNDS = 5;
/** Seconds. */
const TARGETS: Readonly<Record<string, number>> = { 'split into chains': 0.3, 'read every rule': 2 };

function dump(): string {
  const documents: unknown[] = [JSON.parse(clusterJson(SERVICES, ENDPOINTS))];
  const [rules] = compile(documents, { node: NODE, config: { clusterCIDR: POD_RANGE }, families: ['ipv4'] }).rules;
  if (rules === undefined) throw new Error('the generated cluster does not compile');
  return printRules(rules);
}

function seconds(run: () => unknown): number {
  const start = performance.now();
  run();
  return (performance.now() - start) / 1000;
}

function main(): boolean {
  const text = dump();
  const lines = text.split('\n');
  const { ruleset } = parseIptablesSave(text);
  const stages: Readonly<Record<string, () => unknown>> = {
    'split into chains': () => splitSave(text),
    'read every rule': () => parseIptablesSave(text),
    'canonical text of every rule': () =>
      lines.filter((line) => line.startsWith('-A')).map((line) => canonicalRule(line)),
    'print as it was': () => printDump(ruleset),
    'print canonically': () => printCanonicalDump(ruleset),
  };
  console.log(`a dump of ${lines.length - 1} lines, ${(text.length / 1e6).toFixed(1)} MB`);
  let met = true;
  for (const [name, run] of Object.entries(stages)) {
    const times = Array.from({ length: ROUNDS }, () => seconds(run));
    const target = TARGETS[name];
    const verdict =
      target === undefined ? '' : median(times) < target ? `  met: < ${target} s` : `  MISSED: < ${target} s`;
    if (verdict.includes('MISSED')) met = false;
    const range = `${Math.min(...times).toFixed(2)}-${Math.max(...times).toFixed(2)}`;
    console.log(`  ${name.padEnd(30)}${median(times).toFixed(2).padStart(6)} s  (${range})${verdict}`);
  }
  return met;
}

process.exitCode = main() ? 0 : 1;
