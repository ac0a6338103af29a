/**
 * `scripts/bench netlink`: 10,000 entries added to a set and 10,000 tracked connections deleted, through netlink and with the tools, each
 * in a network namespace of its own. The tools' time is with their start; chainsmith's is without, as it does this in the middle of an apply.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ip } from '../../src/core/model/ip.ts';
import { ADDRESS_FAMILY } from '../../src/host/netlink/codec/ip-bytes.ts';
import { NLM_F } from '../../src/host/netlink/codec/netlink-header.ts';
import { u32Attribute } from '../../src/host/netlink/codec/write-attribute.ts';
import { CTA, IPCTNL_MSG_CT } from '../../src/host/netlink/conntrack/constants.ts';
import { deleteConntrack, listConntrack } from '../../src/host/netlink/conntrack/conntrack.ts';
import { tupleAttribute, type ConntrackTuple } from '../../src/host/netlink/conntrack/tuple.ts';
import { addEntries } from '../../src/host/netlink/ipset/entries.ts';
import { createSet, findIpSets, flushSet } from '../../src/host/netlink/ipset/sets.ts';
import { netfilterHeader, netfilterType, NFNL_SUBSYS } from '../../src/host/netlink/netfilter-header.ts';
import { openNetlinkSocket } from '../../src/host/netlink/open-socket.ts';
import type { NetlinkSocket } from '../../src/host/netlink/request.ts';
import { uniqueName } from '../../src/host/netns.ts';
import { median, secondsOf } from './measure.ts';
import type { Verdict } from './targets.ts';

const COUNT = 10_000;
const ROUNDS = 7;
/** One process each, among all entries: what is measured is multiplied. */
const TOOL_DELETES = 20;

/** How many times the tool's time adding to a set may take, and how many times faster connections are deleted. */
const IPSET_AT_MOST = 1.5;
const CONNTRACK_AT_LEAST = 500;

type Times = Map<string, number[]>;

function note(times: Times, name: string, seconds: number): void {
  times.set(name, [...(times.get(name) ?? []), seconds]);
}

function clock<T>(times: Times, name: string, run: () => T): T {
  const start = performance.now();
  const result = run();
  note(times, name, (performance.now() - start) / 1000);
  return result;
}

function ip(first: number, i: number): Ip {
  return { family: 'ipv4', text: `${first}.0.${i >> 8}.${i & 255}` };
}

const ENTRIES = Array.from({ length: COUNT }, (_, i) => ({ ip: ip(10, i), port: 80, protocol: 6 }));

function benchIpSet(netns: string, socket: NetlinkSocket, times: Times, folder: string): void {
  const sets = findIpSets(socket);
  createSet(sets, { name: 'bench', type: 'hash:ip,port', family: 'ipv4' });
  const input = join(folder, 'entries');
  writeFileSync(input, ENTRIES.map(({ ip: { text } }) => `add bench ${text},tcp:80\n`).join(''));
  for (let round = 0; round < ROUNDS; round += 1) {
    const failures = clock(times, 'ipset: netlink', () => addEntries(sets, 'bench', ENTRIES));
    if (failures.length > 0) throw failures[0]?.error ?? new Error('unreachable');
    flushSet(sets, 'bench');
    note(times, 'ipset: ipset restore', secondsOf('ip', ['netns', 'exec', netns, 'ipset', 'restore'], { input }));
    flushSet(sets, 'bench');
  }
}

/** A client's lookup at a DNS Service, which went to a Pod. */
function connection(i: number): { readonly original: ConntrackTuple; readonly reply: ConntrackTuple } {
  const [client, service, pod] = [ip(10, i), ip(172, 10), ip(192, i & 255)];
  const ports = { kind: 'ports', protocol: 17, sourcePort: 1024 + i, destinationPort: 53 } as const;
  const back = { ...ports, sourcePort: 53, destinationPort: ports.sourcePort };
  return {
    original: { source: client, destination: service, transport: ports, zone: undefined },
    reply: { source: pod, destination: client, transport: back, zone: undefined },
  };
}

function fill(socket: NetlinkSocket): void {
  const requests = Array.from({ length: COUNT }, (_, i) => {
    const { original, reply } = connection(i);
    return {
      operation: `insert connection ${i}`,
      type: netfilterType(NFNL_SUBSYS.CTNETLINK, IPCTNL_MSG_CT.NEW),
      flags: NLM_F.CREATE | NLM_F.EXCL,
      header: netfilterHeader(ADDRESS_FAMILY.ipv4),
      attributes: [
        tupleAttribute(CTA.TUPLE_ORIG, original),
        tupleAttribute(CTA.TUPLE_REPLY, reply),
        u32Attribute(CTA.TIMEOUT, 600, 'big'),
      ],
    };
  });
  const [failure] = socket.batch(requests);
  if (failure !== undefined) throw failure.error;
}

function benchConntrack(netns: string, socket: NetlinkSocket, times: Times): void {
  for (let round = 0; round < ROUNDS; round += 1) {
    fill(socket);
    const listed = clock(times, 'conntrack: list, netlink', () =>
      listConntrack(socket, { family: 'ipv4', protocol: 17 }),
    );
    if (listed.length !== COUNT) throw new Error(`${listed.length} connections`);
    note(times, 'conntrack: list, conntrack -L', secondsOf('ip', ['netns', 'exec', netns, 'conntrack', '-L']));
    if (round === 0) {
      for (let i = 0; i < TOOL_DELETES; i += 1) {
        const tool = ['conntrack', '-D', '-s', ip(10, i).text, '-p', 'udp', '--sport', String(1024 + i)];
        note(times, 'conntrack: delete one of them, conntrack -D', secondsOf('ip', ['netns', 'exec', netns, ...tool]));
      }
      deleteConntrack(socket, listConntrack(socket));
      fill(socket);
    }
    const all = listConntrack(socket);
    const failures = clock(times, 'conntrack: delete, netlink', () => deleteConntrack(socket, all));
    if (failures.length > 0) throw failures[0]?.error ?? new Error('unreachable');
  }
}

function verdictsOf(times: Times): readonly Verdict[] {
  const at = (name: string): number => median(times.get(name) ?? []);
  const ipset = at('ipset: netlink') / at('ipset: ipset restore');
  const conntrack = (at('conntrack: delete one of them, conntrack -D') * COUNT) / at('conntrack: delete, netlink');
  return [
    {
      target: `${COUNT} entries are added to a set within ${IPSET_AT_MOST} times ipset restore`,
      measured: `${ipset.toFixed(2)} of it`,
      met: ipset <= IPSET_AT_MOST,
    },
    {
      target: `${COUNT} connections are deleted ${CONNTRACK_AT_LEAST} times faster than by conntrack -D, one by one`,
      measured: `${conntrack.toFixed(0)} times`,
      met: conntrack >= CONNTRACK_AT_LEAST,
    },
  ];
}

export function benchNetlink(): boolean {
  const netns = uniqueName('chainsmith-bench');
  const folder = mkdtempSync(join(tmpdir(), 'chainsmith-bench-'));
  const times: Times = new Map();
  secondsOf('ip', ['netns', 'add', netns]);
  try {
    const socket = openNetlinkSocket('netfilter', { namespacePath: `/run/netns/${netns}` });
    benchIpSet(netns, socket, times, folder);
    benchConntrack(netns, socket, times);
    socket.close();
  } finally {
    secondsOf('ip', ['netns', 'delete', netns]);
    rmSync(folder, { recursive: true });
  }
  console.log(`${COUNT} each, unless it says one`);
  for (const [name, values] of times) {
    const milliseconds = (seconds: number): string => (seconds * 1000).toFixed(1);
    const range = `${milliseconds(Math.min(...values))}-${milliseconds(Math.max(...values))}`;
    console.log(`  ${name.padEnd(46)}${milliseconds(median(values)).padStart(9)} ms  (${range})`);
  }
  console.log();
  const judged = verdictsOf(times);
  for (const { target, measured, met } of judged) console.log(`${met ? 'met   ' : 'MISSED'}  ${target}: ${measured}`);
  return judged.every(({ met }) => met);
}
