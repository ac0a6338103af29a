/**
 * flows.yaml of a golden case: what must happen to packets, written by hand from what Kubernetes documents and never updated by a
 * program. One row is one connection.
 */
import { isIP } from 'node:net';
import {
  addShares,
  scaleTo,
  STATISTIC_BITS,
  walkPacket,
  type Outcome,
  type Packet,
  type Share,
  type WalkedNode,
} from './packet-walker.ts';
import { isLoopbackAddress } from './packet-addresses.ts';

export interface Flow {
  readonly name: string;
  /** An address, or `node`: the node itself. */
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly protocol: Packet['protocol'];
  readonly inInterface: string;
  /** The endpoint this client was sent to last time (session affinity). */
  readonly remembered: string | undefined;
  /** Endpoints with equal shares; or refused, silently dropped, or none of ours. */
  readonly expect: readonly string[] | 'drop' | 'reject' | 'none';
  /** True, false, or those of the endpoints where it is so. */
  readonly masquerade: boolean | readonly string[];
}

type Row = Readonly<Record<string, unknown>>;

const KEYS = new Set(['name', 'from', 'to', 'port', 'protocol', 'in-interface', 'remembered', 'expect', 'masquerade']);

/** Strict, since a misspelt key would make a row that checks nothing. */
export function readFlows(document: unknown): readonly Flow[] {
  if (!Array.isArray(document) || document.length === 0) throw new Error('flows.yaml must hold a list of flows');
  return document.map((item: unknown, i) => {
    if (typeof item !== 'object' || item === null) throw new Error(`flow ${i + 1} is no mapping`);
    const row: Row = { ...item };
    const fail = (what: string): never => {
      throw new Error(`flow ${i + 1} (${String(row['name'])}): ${what}`);
    };
    for (const key of Object.keys(row)) if (!KEYS.has(key)) fail(`unknown key ${key}`);
    const text = (key: string, fallback?: string): string => {
      const value = row[key] ?? fallback;
      return typeof value === 'string' && value !== '' ? value : fail(`${key} must be a text`);
    };
    const from = text('from');
    const to = text('to');
    if (isIP(to) === 0) fail(`to: ${to} is no address`);
    if (from !== 'node' && isIP(from) !== isIP(to)) fail('from and to must be of one family');
    const { port } = row;
    const protocol = text('protocol', 'tcp');
    const expect = readExpectation(row['expect']) ?? fail('expect must be a list of endpoints, drop, reject or none');
    return {
      name: text('name'),
      from,
      to,
      port: typeof port === 'number' ? port : fail('port must be a number'),
      protocol: protocol === 'tcp' || protocol === 'udp' || protocol === 'sctp' ? protocol : fail('protocol'),
      inInterface: text('in-interface', 'eth0'),
      remembered: row['remembered'] === undefined ? undefined : text('remembered'),
      expect,
      masquerade: readMasquerade(row['masquerade'], expect) ?? fail('masquerade must be said where a packet arrives'),
    };
  });
}

function readExpectation(value: unknown): Flow['expect'] | undefined {
  if (value === 'drop' || value === 'reject' || value === 'none') return value;
  return isTexts(value) && value.length > 0 ? value : undefined;
}

function readMasquerade(value: unknown, expect: Flow['expect']): Flow['masquerade'] | undefined {
  if (expect === 'drop' || expect === 'reject') return value === undefined ? false : undefined;
  if (expect === 'none' && value === undefined) return false;
  return typeof value === 'boolean' || isTexts(value) ? value : undefined;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** What is wrong with a flow in these rules; undefined if nothing is. */
export function judgeFlow(flow: Flow, text: string, node: FlowNode): string | undefined {
  const packet: Packet = { ...flow, source: sourceOf(flow, node), destination: flow.to };
  const walked: WalkedNode = { localAddresses: node.localAddresses, remembered: flow.remembered };
  const outcomes = walkPacket(text, packet, walked);
  const expected = expectedVerdicts(flow);
  const found = outcomes.map((o) => describe(o.verdict));
  const problems: string[] = [];
  if (expected.toSorted().join('\n') !== found.toSorted().join('\n')) {
    problems.push(`expected ${expected.join(', ')}`, `found    ${found.join(', ')}`);
  }
  problems.push(...shareFaults(outcomes));
  if (problems.length === 0) return undefined;
  const shown = outcomes.slice(0, 3).flatMap((o) => [`${describe(o.verdict)}:`, ...o.path.map((line) => `  ${line}`)]);
  return [`flow "${flow.name}"`, ...problems, 'rules that matched:', ...shown].join('\n  ');
}

export interface FlowNode {
  /** The node's own addresses, one per family: what its packets come from. */
  readonly nodeIps: readonly string[];
  readonly localAddresses: readonly string[];
}

function sourceOf({ name, from, to }: Flow, node: FlowNode): string {
  if (from !== 'node') return from;
  if (isLoopbackAddress(to) || node.localAddresses.includes(to)) return to;
  const ip = node.nodeIps.find((text) => isIP(text) === isIP(to));
  if (ip === undefined) throw new Error(`flow "${name}": the node has no address of this family`);
  return ip;
}

function expectedVerdicts({ expect, masquerade }: Flow): readonly string[] {
  const how = (masqueraded: boolean): string => (masqueraded ? ' masqueraded' : '');
  if (expect === 'none') return [`untouched${how(masquerade === true)}`];
  if (typeof expect === 'string') return [expect];
  const isMasqueraded = (endpoint: string): boolean =>
    typeof masquerade === 'boolean' ? masquerade : masquerade.includes(endpoint);
  return expect.map((endpoint) => `${endpoint}${how(isMasqueraded(endpoint))}`);
}

function describe(verdict: Outcome['verdict']): string {
  switch (verdict.kind) {
    case 'endpoint':
      return `${verdict.endpoint}${verdict.masquerade ? ' masqueraded' : ''}`;
    case 'untouched':
      return `untouched${verdict.masquerade ? ' masqueraded' : ''}`;
    case 'drop':
    case 'reject':
      return verdict.kind;
  }
}

/** Shares add up to exactly 1, and each of n is within n * 2^-31 of 1/n: as near as the kernel's random numbers allow. */
export function shareFaults(outcomes: readonly Outcome[]): readonly string[] {
  const n = BigInt(outcomes.length);
  const total = outcomes.map((o) => o.share).reduce(addShares, { units: 0n, bits: 0 } satisfies Share);
  if (total.units !== 1n << BigInt(total.bits)) return ['the shares do not add up to 1'];
  const bits = Math.max(total.bits, STATISTIC_BITS);
  const one = 1n << BigInt(bits);
  const tolerance = n * n * (one >> BigInt(STATISTIC_BITS));
  return outcomes.flatMap(({ verdict, share }) => {
    const off = n * scaleTo(share, bits) - one;
    return off > tolerance || -off > tolerance ? [`${describe(verdict)} has not a share of 1/${n}`] : [];
  });
}
