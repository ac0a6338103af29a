import { compareStrings } from '../util/order.ts';

/** Chains whose rules each look for another destination. kube-proxy writes their services in the random order of a Go map. */
const DISPATCH_CHAINS: ReadonlySet<string> = new Set([
  'KUBE-SERVICES',
  'KUBE-NODEPORTS',
  'KUBE-EXTERNAL-SERVICES',
  'KUBE-PROXY-FIREWALL',
]);

/**
 * The rules of a dispatch chain in an order that depends on their meaning alone: rules for different ports, or for different hosts
 * at one port, cannot both match a packet and may stand in any order. A rule without a port, such as the jump to KUBE-NODEPORTS,
 * stays behind and before what it was. Rules of other chains stay as they are.
 *
 * @param lines canonical rules of one chain
 */
export function dispatchOrder(chain: string, lines: readonly string[]): readonly string[] {
  if (!DISPATCH_CHAINS.has(chain)) return lines;
  const ordered: string[] = [];
  let run: string[] = [];
  let runHasPorts = true;
  const flush = (): void => {
    for (const line of runHasPorts ? sortedByPort(run) : sortedByHost(run)) ordered.push(line);
    run = [];
  };
  for (const line of lines) {
    const hasPort = portOf(line) !== undefined;
    if (hasPort !== runHasPorts) flush();
    runHasPorts = hasPort;
    run.push(line);
  }
  flush();
  return ordered;
}

function portOf(line: string): string | undefined {
  const port = /(?<!!) --dport (\d+) /.exec(line)?.[1];
  const protocol = /(?<!!) -p (\w+) /.exec(line)?.[1];
  return port === undefined || protocol === undefined ? undefined : `${protocol}/${port}`;
}

/** One host, not a range: `/32` or `/128`, and not negated. */
function hostOf(line: string): string | undefined {
  return /^-A \S+ (?:! -s \S+ |-s \S+ )?-d (\S+\/(?:32|128)) /.exec(line)?.[1];
}

function sortedByPort(lines: readonly string[]): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const line of lines) {
    const key = portOf(line) ?? '';
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [line]);
    else group.push(line);
  }
  const keys = [...groups.keys()].sort(compareStrings);
  return keys.flatMap((key) => sortedByHost(groups.get(key) ?? []));
}

/** Stable, so that two rules for one host keep their order; a rule for many hosts keeps them all in theirs. */
function sortedByHost(lines: readonly string[]): readonly string[] {
  if (lines.length < 2 || lines.some((line) => hostOf(line) === undefined)) return lines;
  return [...lines].sort((a, b) => compareStrings(hostOf(a) ?? '', hostOf(b) ?? ''));
}
