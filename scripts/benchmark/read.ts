/**
 * `scripts/bench read`: decode, trace, lint, verify and report of the rules of 5000 Services with 10 endpoints each, as whole commands; verify
 * of what the ipvs mode has for them, too.
 */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clusterJson, NODE, POD_RANGE } from './cluster.ts';
import { median, secondsOf } from './measure.ts';
import type { Verdict } from './targets.ts';

const CHAINSMITH = fileURLToPath(new URL('../../bin/chainsmith.js', import.meta.url));
const PRELOAD = new URL('peak-memory.js', import.meta.url).href;
const ROUNDS = 3;
const ENDPOINTS = 10;

interface Job {
  readonly name: string;
  readonly args: readonly string[];
  /** Seconds that it may take, and megabytes. */
  readonly seconds: number;
  readonly memory?: number;
}

function jobs({ rules, input, page, ipvs }: Files): readonly Job[] {
  const snapshot = ['-q', '-f', input, '--node', NODE, '--cluster-cidr', POD_RANGE];
  return [
    { name: 'decode', args: ['decode', rules], seconds: 3 },
    { name: 'trace', args: ['trace', rules, '--from', '10.128.0.7', '--to', '10.96.19.135:80'], seconds: 2.5 },
    { name: 'lint', args: ['lint', rules], seconds: 5 },
    { name: 'verify', args: ['verify', rules, ...snapshot], seconds: 10, memory: 1000 },
    { name: 'verify ipvs', args: ['verify', ...ipvs, ...snapshot], seconds: 10, memory: 1000 },
    { name: 'report', args: ['report', rules, '-o', page, ...snapshot], seconds: 15 },
  ];
}

interface Files {
  readonly rules: string;
  readonly input: string;
  readonly page: string;
  /** Rules, virtual servers and sets, as arguments. */
  readonly ipvs: readonly string[];
}

interface Times {
  readonly seconds: number[];
  readonly memory: number[];
}

/** All commands in each round, so that whatever else the machine does meets all of them alike. */
function measured(folder: string, services: number): { readonly lines: number; readonly times: Map<Job, Times> } {
  const file = (name: string): string => join(folder, name);
  writeFileSync(file('cluster.json'), clusterJson(services, ENDPOINTS));
  const compile = ['compile', '-q', '-f', file('cluster.json'), '--node', NODE, '--cluster-cidr', POD_RANGE];
  secondsOf(process.execPath, [CHAINSMITH, ...compile], { output: file('rules') });
  const inIpvs = (name: string): string => join(folder, 'ipvs', name);
  secondsOf(process.execPath, [CHAINSMITH, ...compile, '--mode', 'ipvs', '--out', join(folder, 'ipvs')]);
  const all = jobs({
    rules: file('rules'),
    input: file('cluster.json'),
    page: file('page.html'),
    ipvs: [inIpvs('iptables.rules'), '--ipvs', inIpvs('ipvs.rules'), '--ipset', inIpvs('ipset.rules')],
  });
  const times = new Map(all.map((job): [Job, Times] => [job, { seconds: [], memory: [] }]));
  const env = { CHAINSMITH_BENCH_MEMORY: file('memory') };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [{ args }, { seconds, memory }] of times) {
      const command = [`--import=${PRELOAD}`, CHAINSMITH, ...args];
      seconds.push(secondsOf(process.execPath, command, { output: file('output'), env }));
      memory.push(Number(readFileSync(file('memory'), 'utf8')));
    }
  }
  console.log(`the page of report has ${(statSync(file('page.html')).size / 1e6).toFixed(1)} MB`);
  return { lines: readFileSync(file('rules'), 'latin1').split('\n').length - 1, times };
}

function verdictsOf({ name, seconds, memory }: Job, times: Times): readonly Verdict[] {
  const took = median(times.seconds);
  const verdicts = [{ target: `${name} in ${seconds} s`, measured: `${took.toFixed(2)} s`, met: took <= seconds }];
  if (memory === undefined) return verdicts;
  const used = median(times.memory);
  return [...verdicts, { target: `${name} in ${memory} MB`, measured: `${used.toFixed(0)} MB`, met: used <= memory }];
}

/** Whether all targets are met; they are for the large cluster. */
export function benchRead(quick: boolean): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'chainsmith-bench-'));
  try {
    const services = quick ? 1000 : 5000;
    const { lines, times } = measured(folder, services);
    console.log(`${services} Services, ${ENDPOINTS} endpoints each: ${lines} lines`);
    for (const [{ name }, { seconds, memory }] of times) {
      const range = `${Math.min(...seconds).toFixed(2)}-${Math.max(...seconds).toFixed(2)}`;
      const took = `${median(seconds).toFixed(2).padStart(7)} s  (${range})`;
      console.log(`  ${name.padEnd(12)}${took}${median(memory).toFixed(0).padStart(7)} MB`);
    }
    console.log();
    const judged = [...times].flatMap(([job, found]) => verdictsOf(job, found));
    for (const { target, measured: figure, met } of judged)
      console.log(`${met ? 'met   ' : 'MISSED'}  ${target}: ${figure}`);
    return judged.every(({ met }) => met);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
