import type { Ruleset } from '../../ruleset/ruleset.ts';
import { isBuiltIn } from '../../ruleset/built-in-chains.ts';
import { isWholeTable } from '../../ruleset/whole-table.ts';
import type { Step } from './chain-book.ts';
import type { ChainLine, DecodedNode } from './decoded-rules.ts';
import type { Dispatch } from './dispatch.ts';
import { hostOf } from './endpoint-chain.ts';
import type { ReadTerrain } from './terrain.ts';

export function decodeNode(
  ruleset: Ruleset,
  { marks, detectors }: ReadTerrain,
  [nat, ...others]: readonly [Dispatch, ...Dispatch[]],
): DecodedNode {
  const [mark] = marks.masquerade;
  const { toNodePorts } = nat;
  const links = [nat.links, ...others.flatMap((list) => [list.links, list.toNodePorts])]
    .flat()
    .map(({ at }) => at.line);
  const { randomFully, lines } = marks;
  return {
    localDetectors: detectors,
    masquerade: mark === undefined ? undefined : { ...mark, randomFully, lines },
    nodePorts: toNodePorts.length === 0 ? undefined : nodePorts(toNodePorts),
    entries: entriesOf(ruleset),
    links: [...new Set(links)].sort((a, b) => a - b),
  };
}

/** `--dst-type LOCAL`, which holds loopback, or one rule for each address of `--nodeport-addresses`. */
function nodePorts(steps: readonly Step[]): DecodedNode['nodePorts'] {
  const addresses: string[] = [];
  let loopback = false;
  for (const { guard } of steps) {
    const network = guard.destination?.network;
    const excludes = guard.destination?.negated === true && /^(?:127\.|::1)/.test(network?.text ?? '');
    if (guard.toLocal === true && !excludes) loopback = true;
    if (network === undefined || guard.destination?.negated === true) continue;
    const host = hostOf(network);
    addresses.push(host ?? network.text);
    if (host?.startsWith('127.') === true) loopback = true;
  }
  return { addresses, loopback, lines: steps.map(({ at }) => at.line) };
}

/** From which hooks packets get to the Services. Of a table that was cut off, that there are none says nothing. */
function entriesOf({ tables }: Ruleset): readonly ChainLine[] | undefined {
  const table = 'nat';
  const nat = tables.find(({ name }) => name === table);
  const builtIn = [...(nat?.chains.values() ?? [])].filter(({ name }) => isBuiltIn(name));
  if (nat === undefined || builtIn.length === 0) return undefined;
  const entries = builtIn.flatMap(({ name: chain, rules }) =>
    rules.flatMap(({ rule: { target }, line }) =>
      (target.kind === 'jump' || target.kind === 'goto') && target.chain === 'KUBE-SERVICES'
        ? [{ table, chain, line }]
        : [],
    ),
  );
  return entries.length === 0 && !isWholeTable(nat) ? undefined : entries;
}
