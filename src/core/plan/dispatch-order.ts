import { compareStrings } from '../util/order.ts';
import { withoutQuoted } from './rule-lines.ts';

/** Chains whose rules each look for another destination. kube-proxy writes their services in the random order of a Go map. */
const DISPATCH_CHAINS: ReadonlySet<string> = new Set([
  'KUBE-SERVICES',
  'KUBE-NODEPORTS',
  'KUBE-EXTERNAL-SERVICES',
  'KUBE-PROXY-FIREWALL',
]);

export function isDispatchChain(chain: string): boolean {
  return DISPATCH_CHAINS.has(chain);
}

/**
 * The rules of a dispatch chain in an order that depends on their meaning alone: rules for different ports, or for different hosts
 * at one port, cannot both match a packet and may stand in any order. A rule without a port, such as the jump to KUBE-NODEPORTS,
 * stays behind and before what it was. Rules of other chains stay as they are.
 *
 * @param lines rules of one chain, in one spelling; one that is spelled otherwise keeps its place, or stays near it
 */
export function dispatchOrder(chain: string, lines: readonly string[]): readonly string[] {
  if (!isDispatchChain(chain)) return lines;
  const ordered: string[] = [];
  let run: PlacedRule[] = [];
  let runHasPorts = true;
  const flush = (): void => {
    for (const { line } of runHasPorts ? sortedByPort(run) : sortedByHost(run)) ordered.push(line);
    run = [];
  };
  for (const line of lines) {
    const rule = placed(line);
    const hasPort = rule.port !== '';
    if (hasPort !== runHasPorts) flush();
    runHasPorts = hasPort;
    run.push(rule);
  }
  flush();
  return ordered;
}

interface PlacedRule {
  readonly line: string;
  /** `tcp/80`, or `` where the rule is not for exactly one port. */
  readonly port: string;
  /** One host, `/32` or `/128`, not negated; else ``. */
  readonly host: string;
}

/** By name: with `-p 6` for tcp there would be two names for one port. */
const PROTOCOL = /^(?:-[A-Z] \S+)(?: !? ?-[sdio] \S+)* -p (tcp|udp|sctp) /;
const HOST = /^-[A-Z] \S+ (?:! -s \S+ |-s \S+ )?-d ([\d.]+\/32|[\da-f.:]*:[\da-f.:]*\/128) /;
const PORT = /(?<!!) --dport (\d+) /;

function placed(line: string): PlacedRule {
  const bare = withoutQuoted(line);
  const protocol = PROTOCOL.exec(bare)?.[1];
  const port = protocol === undefined ? undefined : PORT.exec(bare)?.[1];
  return { line, port: port === undefined ? '' : `${protocol}/${port}`, host: HOST.exec(bare)?.[1] ?? '' };
}

function sortedByPort(rules: readonly PlacedRule[]): readonly PlacedRule[] {
  const groups = new Map<string, PlacedRule[]>();
  for (const rule of rules) {
    const group = groups.get(rule.port);
    if (group === undefined) groups.set(rule.port, [rule]);
    else group.push(rule);
  }
  const keys = [...groups.keys()].sort(compareStrings);
  return keys.flatMap((key) => sortedByHost(groups.get(key) ?? []));
}

/** Stable, so that two rules for one host keep their order; a rule for many hosts keeps them all in theirs. */
function sortedByHost(rules: readonly PlacedRule[]): readonly PlacedRule[] {
  if (rules.length < 2) return rules;
  if (rules.some(({ host }) => host === '')) return sortedByComment(rules);
  const sorted = [...rules].sort((a, b) => compareStrings(a.host, b.host));
  const isOneHost = (rule: PlacedRule, i: number): boolean => i > 0 && sorted[i - 1]?.host === rule.host;
  if (!sorted.some(isOneHost)) return sorted;
  const hosts = new Map<string, PlacedRule[]>();
  for (const rule of sorted) {
    const group = hosts.get(rule.host);
    if (group === undefined) hosts.set(rule.host, [rule]);
    else group.push(rule);
  }
  return [...hosts.values()].flatMap(sortedByComment);
}

/** Rules that differ in their comments only may change places, such as those for the health check port of a Service with several ports. */
function sortedByComment(rules: readonly PlacedRule[]): readonly PlacedRule[] {
  const [first, ...others] = rules.map(({ line }) => withoutComment(line));
  if (first === undefined || others.some((text) => text !== first)) return rules;
  return [...rules].sort((a, b) => compareStrings(a.line, b.line));
}

function withoutComment(line: string): string {
  return line.replace(/ --comment "[^"\\]*" /, ' ');
}
