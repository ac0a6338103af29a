/**
 * `scripts/bench ipvs`: 10,000 real servers are added and read back, by the executor that speaks netlink and by ipvsadm, in one network
 * namespace by turns. The tool's time is with its start; chainsmith's is without, as it does this in the middle of an apply.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerChange } from '../../src/core/plan/ipvs/ipvs-steps.ts';
import { hostRunner } from '../../src/host/exec.ts';
import { changeLine } from '../../src/host/ipvs/ipvsadm.ts';
import { openKubeIpvs } from '../../src/host/ipvs/open-kube-ipvs.ts';
import { uniqueName } from '../../src/host/netns.ts';
import { median, secondsOf } from './measure.ts';
import type { Verdict } from './targets.ts';

const VIRTUAL = 1000;
const REAL_PER_VIRTUAL = 10;
const REAL = VIRTUAL * REAL_PER_VIRTUAL;
const ROUNDS = 3;
/** For one command; a real server takes a millisecond and more in User Mode Linux. */
const TIMEOUT_MS = 300_000;

/** How many times the tool's time adding may take. */
const AT_MOST = 1;

function ipv4(first: number, i: number): { readonly family: 'ipv4'; readonly text: string } {
  return { family: 'ipv4', text: `${first}.0.${i >> 8}.${i & 255}` };
}

/** Each virtual server with its real servers behind it. */
function additions(): readonly ServerChange[] {
  const settings = { scheduler: 'rr', schedulerFlags: [], persistence: undefined, persistenceEngine: undefined };
  const real = { port: 8080, forwarding: 'masquerade', weight: 1, tunnel: [] } as const;
  return Array.from({ length: VIRTUAL }, (_, i) => i).flatMap((i): readonly ServerChange[] => {
    const address = { kind: 'address', protocol: 'tcp', ip: ipv4(172, i), port: 80 } as const;
    return [
      { kind: 'add-server', address, settings: { ...settings, onePacket: false } },
      ...Array.from({ length: REAL_PER_VIRTUAL }, (__, j): ServerChange => {
        const realServer = { ...real, ip: ipv4(10, i * REAL_PER_VIRTUAL + j) };
        return { kind: 'add-real-server', address, realServer };
      }),
    ];
  });
}

type Times = Map<string, number[]>;

async function runRounds(netns: string, folder: string): Promise<Times> {
  const times: Times = new Map();
  const note = (name: string, seconds: number): void => void times.set(name, [...(times.get(name) ?? []), seconds]);
  const clock = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await run();
    note(name, (performance.now() - start) / 1000);
    return result;
  };
  const inside = (...words: readonly string[]): readonly string[] => ['netns', 'exec', netns, ...words];
  const namespacePath = `/run/netns/${netns}`;
  const kube = openKubeIpvs('netlink', { runner: hostRunner, namespacePath, timeoutMs: TIMEOUT_MS });
  const changes = additions();
  const lines = changes.map((change) => `${changeLine(change)}\n`);
  const input = join(folder, 'lines');
  writeFileSync(input, lines.join(''));
  const demandAll = (): void => {
    const saved = execFileSync('ip', inside('ipvsadm', '-Sn'), { encoding: 'utf8', maxBuffer: 1e9 });
    const sorted = (all: readonly string[]): string => all.toSorted().join('\n');
    if (sorted(saved.trim().split('\n')) !== sorted(lines.map((line) => line.trim()))) throw new Error(saved);
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    await kube.observe(true);
    await clock('add: netlink', async () => await kube.run([{ kind: 'change-servers', changes }]));
    demandAll();
    const { virtualServers } = await clock('read: netlink', async () => await kube.observe(true));
    if (virtualServers.length !== VIRTUAL) throw new Error(`${virtualServers.length} virtual servers`);
    secondsOf('ip', inside('ipvsadm', '-C'));
    note('add: ipvsadm -R', secondsOf('ip', inside('ipvsadm', '-R'), { input }));
    demandAll();
    note('read: ipvsadm -Sn', secondsOf('ip', inside('ipvsadm', '-Sn')));
    secondsOf('ip', inside('ipvsadm', '-C'));
  }
  kube.close();
  return times;
}

function verdictOf(times: Times): Verdict {
  const at = (name: string): number => median(times.get(name) ?? []);
  const share = at('add: netlink') / at('add: ipvsadm -R');
  return {
    target: `${REAL} real servers are added no slower than by ipvsadm -R`,
    measured: `${share.toFixed(2)} of its time`,
    met: share <= AT_MOST,
  };
}

export async function benchIpvs(): Promise<boolean> {
  const netns = uniqueName('chainsmith-bench');
  const folder = mkdtempSync(join(tmpdir(), 'chainsmith-bench-'));
  secondsOf('ip', ['netns', 'add', netns]);
  try {
    // Before a namespace has an address the kernel takes no IPv4 address of a real server for unicast.
    secondsOf('ip', ['-n', netns, 'link', 'set', 'lo', 'up']);
    const times = await runRounds(netns, folder);
    console.log(`${VIRTUAL} virtual servers with ${REAL_PER_VIRTUAL} real servers each, ${ROUNDS} rounds`);
    for (const [name, values] of times) {
      const milliseconds = (seconds: number): string => (seconds * 1000).toFixed(0);
      const range = `${milliseconds(Math.min(...values))}-${milliseconds(Math.max(...values))}`;
      console.log(`  ${name.padEnd(20)}${milliseconds(median(values)).padStart(8)} ms  (${range})`);
    }
    const { target, measured, met } = verdictOf(times);
    console.log(`\n${met ? 'met   ' : 'MISSED'}  ${target}: ${measured}`);
    return met;
  } finally {
    secondsOf('ip', ['netns', 'delete', netns]);
    rmSync(folder, { recursive: true });
  }
}
