import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { benchApply } from './apply.ts';
import { clusterJson, NODE, POD_RANGE } from './cluster.ts';
import { benchIpvs } from './ipvs.ts';
import { median, secondsOf, works } from './measure.ts';
import { benchNetlink } from './netlink.ts';
import { benchRead } from './read.ts';
import { verdicts, type Measured } from './targets.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const CHAINSMITH = join(here, '..', '..', 'bin', 'chainsmith.js');
const ROUNDS = 3;
const ENDPOINTS = 10;
/** Loading with iptables-nft takes time quadratic in the number of chains; 10000 Services would take minutes. */
const NFT_LOAD_UP_TO = 5000;

interface Files {
  readonly input: string;
  readonly rules: string;
  readonly memory: string;
}

type Times = Record<string, number[]>;

function note(times: Times, stage: string, value: number): void {
  (times[stage] ??= []).push(value);
}

/** The rounds are interleaved, so that whatever else the machine does meets all of them alike. */
function runRounds(services: number, files: Files): Times {
  const times: Times = {};
  const canLoad = works('unshare', ['-n', 'iptables-legacy-restore', '--version']);
  const canLoadNft = works('unshare', ['-n', 'iptables-nft-restore', '--version']);
  const compileArgs = ['compile', '-f', files.input, '--node', NODE, '--cluster-cidr', POD_RANGE];
  const preload = new URL('peak-memory.js', import.meta.url).href;
  for (let round = 0; round < ROUNDS; round++) {
    const stages: unknown = JSON.parse(
      execFileSync(process.execPath, [join(here, 'stages.js'), files.input, files.rules], { encoding: 'utf8' }),
    );
    for (const [stage, ms] of Object.entries(stages ?? {})) note(times, stage, Number(ms) / 1000);
    const env = { CHAINSMITH_BENCH_MEMORY: files.memory };
    const command = [`--import=${preload}`, CHAINSMITH, ...compileArgs];
    note(times, 'whole command', secondsOf(process.execPath, command, { output: files.rules, env }));
    note(times, 'memory', Number(readFileSync(files.memory, 'utf8')));
    const load = (tool: string, ...args: string[]): number =>
      secondsOf('unshare', ['-n', tool, ...args], { input: files.rules });
    if (canLoad) note(times, 'iptables-legacy-restore', load('iptables-legacy-restore'));
    if (canLoadNft) {
      note(times, 'iptables-nft-restore --test', load('iptables-nft-restore', '--test'));
      if (services <= NFT_LOAD_UP_TO) note(times, 'iptables-nft-restore', load('iptables-nft-restore'));
    }
  }
  return times;
}

function printTimes(services: number, files: Files, times: Times): void {
  const rules = readFileSync(files.rules, 'latin1');
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  console.log(`${services} Services, ${ENDPOINTS} endpoints each (${megabytes(statSync(files.input).size)} of JSON)`);
  for (const [stage, values] of Object.entries(times)) {
    if (stage === 'memory') continue;
    const range = `${Math.min(...values).toFixed(2)}-${Math.max(...values).toFixed(2)}`;
    console.log(`  ${stage.padEnd(28)}${median(values).toFixed(2).padStart(7)} s  (${range})`);
  }
  console.log(
    `  ${'peak memory'.padEnd(28)}${median(times['memory'] ?? [])
      .toFixed(0)
      .padStart(7)} MB`,
  );
  console.log(`  output: ${rules.split('\n').length - 1} lines, ${megabytes(rules.length)}\n`);
}

function measure(services: number, folder: string): Measured {
  const file = (name: string): string => join(folder, name);
  const files = { input: file('cluster.json'), rules: file('iptables.rules'), memory: file('memory') };
  writeFileSync(files.input, clusterJson(services, ENDPOINTS));
  const times = runRounds(services, files);
  printTimes(services, files, times);
  const legacy = times['iptables-legacy-restore'];
  return {
    services,
    command: median(times['whole command'] ?? []),
    memory: median(times['memory'] ?? []),
    legacyLoad: legacy === undefined ? undefined : median(legacy),
  };
}

function benchCompile(quick: boolean): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'chainsmith-bench-'));
  try {
    const sizes = (quick ? [1000] : [1000, 5000, 10_000]).map((services) => measure(services, folder));
    if (sizes[0]?.legacyLoad === undefined) console.log('Rules are not loaded: that takes root, Linux and iptables.\n');
    const judged = verdicts(sizes);
    for (const { target, measured, met } of judged) console.log(`${met ? 'met   ' : 'MISSED'}  ${target}: ${measured}`);
    if (judged.length === 0) console.log('The targets are for larger clusters; run it without --quick.');
    return judged.every((v) => v.met);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const quick = process.argv.includes('--quick');

async function bench(): Promise<boolean> {
  if (process.argv.includes('apply')) return await benchApply(quick);
  if (process.argv.includes('read')) return benchRead(quick);
  if (process.argv.includes('ipvs')) return await benchIpvs();
  return process.argv.includes('netlink') ? benchNetlink() : benchCompile(quick);
}

const met = await bench();
process.exitCode = met ? 0 : 1;
