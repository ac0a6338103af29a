/**
 * `scripts/bench apply`: full and one-endpoint applies beside their floor, the restore tool alone on the same payload in the same round.
 * Each round has network namespaces of its own.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { printRules } from '../../src/core/compile/print-rules.ts';
import { ipFamilies } from '../../src/core/model/ip.ts';
import type { Plan } from '../../src/core/plan/plan.ts';
import type { CompiledRules } from '../../src/core/ruleset/compiled-rules.ts';
import { declarationOrder } from '../../src/host/iptables/declaration-order.ts';
import { planFamilies } from '../../src/host/iptables/plan-node.ts';
import { variants, type Variant } from '../../src/host/iptables/tools.ts';
import { uniqueName } from '../../src/host/netns.ts';
import { clusterJson, NODE, POD_RANGE } from './cluster.ts';
import { applyVerdicts, type MeasuredApply } from './apply-targets.ts';
import { median, secondsOf } from './measure.ts';
import { applyKnown, payloadsOf, readNode, rulesOf } from './node-session.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const CHAINSMITH = join(here, '..', '..', 'bin', 'chainsmith.js');
const ROUNDS = 3;
/** A tenth of a second is soon doubled by whatever else the machine does. */
const ROUNDS_OF_SMALL = 9;
const ENDPOINTS = 10;

class Bench {
  readonly #folder = mkdtempSync(join(tmpdir(), 'chainsmith-bench-'));
  readonly #times = new Map<string, number[]>();

  file(name: string): string {
    return join(this.#folder, name);
  }

  note(name: string, value: number): void {
    this.#times.set(name, [...(this.#times.get(name) ?? []), value]);
  }

  median(name: string): number {
    return median(this.#times.get(name) ?? []);
  }

  printAll(unitOf: (name: string) => string): void {
    for (const [name, values] of this.#times) {
      const range = values.length < 2 ? '' : `  (${Math.min(...values).toFixed(2)}-${Math.max(...values).toFixed(2)})`;
      console.log(`  ${name.padEnd(46)}${median(values).toFixed(2).padStart(8)} ${unitOf(name)}${range}`);
    }
    console.log();
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

async function inNamespace<T>(run: (netns: string) => Promise<T>): Promise<T> {
  const netns = uniqueName('chainsmith-bench');
  secondsOf('ip', ['netns', 'add', netns]);
  try {
    return await run(netns);
  } finally {
    secondsOf('ip', ['netns', 'delete', netns]);
  }
}

/** The restore tool alone: all families of a payload, one after the other. */
function floor(bench: Bench, netns: string, variant: Variant, payloads: { readonly [family: string]: string }): number {
  let seconds = 0;
  for (const [family, text] of Object.entries(payloads)) {
    const input = bench.file(`${family}.payload`);
    writeFileSync(input, text);
    const tool = `${family === 'ipv4' ? 'iptables' : 'ip6tables'}-${variant}-restore`;
    const args = [`--net=/run/netns/${netns}`, tool, '--noflush', '--counters', '-w', '60'];
    seconds += secondsOf('nsenter', args, { input });
  }
  return seconds;
}

function command(bench: Bench, netns: string, variant: Variant, input: string): { seconds: number; megabytes: number } {
  const memory = bench.file('memory');
  const preload = new URL('peak-memory.js', import.meta.url).href;
  const args = ['apply', '-f', input, '--node', NODE, '--cluster-cidr', POD_RANGE, '-q'];
  const where = ['--netns', netns, '--variant', variant, '--state-dir', bench.file('state'), '--lock-timeout', '60'];
  const env = { CHAINSMITH_BENCH_MEMORY: memory };
  const output = bench.file('output');
  const seconds = secondsOf(process.execPath, [`--import=${preload}`, CHAINSMITH, ...args, ...where], { env, output });
  return { seconds, megabytes: Number(readFileSync(memory, 'utf8')) };
}

/** What is lost without a listing in front, and with chains in the order of their names: quadratic, so only for a small cluster. */
const NAIVE_UP_TO = 1000;

async function naive(bench: Bench, fresh: Pick<Plan, 'families'>, before: readonly CompiledRules[]): Promise<void> {
  await inNamespace(async (netns) => {
    bench.note('full: floor without a listing', floor(bench, netns, 'nft', payloadsOf(fresh, false)));
  });
  await inNamespace(async (netns) => {
    const input = bench.file('sorted.rules');
    writeFileSync(input, before.map((rules) => (rules.family === 'ipv4' ? printRules(rules) : '')).join(''));
    secondsOf('nsenter', [`--net=/run/netns/${netns}`, 'iptables-nft-restore'], { input });
    bench.note('reading the node, chains made by name', (await readNode(netns, 'nft')).observeMs / 1000);
  });
}

/** The same rules in orders that iptables-legacy takes less well: as iptables-save and kube-proxy have them, and as is best for iptables-nft. */
async function otherOrders(
  bench: Bench,
  fresh: Pick<Plan, 'families'>,
  before: readonly CompiledRules[],
): Promise<void> {
  const printed = Object.fromEntries(before.map((rules) => [rules.family, printRules(rules)]));
  await inNamespace(async (netns) => {
    bench.note('full: floor, chains by name', floor(bench, netns, 'legacy', printed));
  });
  await inNamespace(async (netns) => {
    bench.note('full: floor, chains by hash', floor(bench, netns, 'legacy', payloadsOf(fresh, false, 'by-hash')));
  });
}

function otherFloors(bench: Bench): NonNullable<MeasuredApply['otherFloors']> {
  return {
    byName: bench.median('full: floor, chains by name'),
    byHash: bench.median('full: floor, chains by hash'),
  };
}

async function round(bench: Bench, variant: Variant, files: Inputs, number: number): Promise<void> {
  const before = rulesOf(files.before);
  const after = rulesOf(files.after);
  const empty = ipFamilies.map((family) => ({ family, saved: { tables: [] } }));
  const fresh = { families: planFamilies(empty, before) };
  await inNamespace(async (netns) => {
    bench.note(
      'full: floor',
      floor(bench, netns, variant, payloadsOf(fresh, variant === 'nft', declarationOrder(variant))),
    );
  });
  if (variant === 'nft' && files.isSmall && number === 0) await naive(bench, fresh, before);
  if (variant === 'legacy') await otherOrders(bench, fresh, before);
  await inNamespace(async (netns) => {
    const full = command(bench, netns, variant, files.beforePath);
    bench.note('full: chainsmith apply', full.seconds);
    bench.note('full: peak memory', full.megabytes);
    const loaded = await readNode(netns, variant);
    bench.note('reading the node', loaded.observeMs / 1000);
    const plan = { families: planFamilies(loaded.families, after) };
    // The floor first, then back, so that both start from the same rules.
    bench.note('one endpoint: floor', floor(bench, netns, variant, payloadsOf(plan, false)));
    const changed = await readNode(netns, variant);
    await applyKnown(netns, variant, changed, before, bench.file('state'));
    const known = await applyKnown(netns, variant, await readNode(netns, variant), after, bench.file('state'));
    bench.note('one endpoint: applier', known.total / 1000);
    bench.note('one endpoint: of it in process', known.inProcess / 1000);
    bench.note('one endpoint: of it restoring', known.restore / 1000);
    const back = command(bench, netns, variant, files.beforePath);
    bench.note('one endpoint: chainsmith apply', back.seconds);
    bench.note('one endpoint: peak memory', back.megabytes);
  });
  await inNamespace(async (netns) => {
    const session = await applyKnown(netns, variant, await readNode(netns, variant), before, bench.file('state'));
    bench.note('full: applier', session.total / 1000);
    bench.note('full: of it in process', session.inProcess / 1000);
    bench.note('full: of it restoring', session.restore / 1000);
  });
}

interface Inputs {
  readonly before: unknown;
  readonly beforePath: string;
  readonly after: unknown;
  readonly isSmall: boolean;
}

async function measure(services: number, variant: Variant): Promise<MeasuredApply> {
  const bench = new Bench();
  try {
    const text = clusterJson(services, ENDPOINTS);
    const beforePath = bench.file('before.json');
    writeFileSync(beforePath, text);
    const before: unknown = JSON.parse(text);
    const after: unknown = JSON.parse(clusterJson(services, ENDPOINTS, 1));
    const isSmall = services <= NAIVE_UP_TO;
    for (let i = 0; i < (isSmall ? ROUNDS_OF_SMALL : ROUNDS); i++) {
      await round(bench, variant, { before, beforePath, after, isSmall }, i);
    }
    console.log(`iptables-${variant}, ${services} Services, ${ENDPOINTS} endpoints each`);
    bench.printAll((name) => (name.endsWith('memory') ? 'MB' : 's'));
    return {
      services,
      variant,
      fullFloor: bench.median('full: floor'),
      ...(variant === 'nft' ? {} : { otherFloors: otherFloors(bench) }),
      full: bench.median('full: applier'),
      fullCommand: bench.median('full: chainsmith apply'),
      oneFloor: bench.median('one endpoint: floor'),
      one: bench.median('one endpoint: applier'),
    };
  } finally {
    bench.remove();
  }
}

export async function benchApply(quick: boolean): Promise<boolean> {
  const measured: MeasuredApply[] = [];
  for (const services of quick ? [1000] : [1000, 5000]) {
    for (const variant of variants) measured.push(await measure(services, variant));
  }
  const judged = applyVerdicts(measured);
  for (const verdict of judged) {
    console.log(`${verdict.met ? 'met   ' : 'MISSED'}  ${verdict.target}: ${verdict.measured}`);
  }
  return judged.every(({ met }) => met);
}
