import { serviceChainOf } from '../kube/service-chain.ts';
import type { DecodedFrontend, DecodedSourceRanges } from './decoded-rules.ts';
import { hostOf } from './endpoint-chain.ts';
import type { Terrain } from './walk-chain.ts';

/** The ranges of sources that the chains before the endpoints let pass; undefined where they let everybody. */
export function sourceRangesOf(
  chains: readonly string[],
  frontends: readonly DecodedFrontend[],
  terrain: Terrain,
): DecodedSourceRanges | undefined {
  const cidrs: string[] = [];
  const lines: number[] = [];
  let drops = false;
  for (const chain of chains) {
    const role = serviceChainOf(chain)?.role;
    if (role !== undefined && role !== 'firewall') continue;
    const found: string[] = [];
    for (const step of terrain.nat.steps(chain) ?? []) {
      const { source, fromLocal } = step.guard;
      // Tells packets of the node from others: a chain for external traffic by another name.
      if (fromLocal !== undefined && role === undefined) return undefined;
      if (terrain.drops(step)) {
        drops = true;
        if (found.length > 0) lines.push(step.at.line);
      }
      if (source === undefined || source.negated || source.network === undefined) continue;
      if (terrain.masquerades(step) || (terrain.isDetector(source.text) && role === undefined)) continue;
      const { target } = step.at.rule;
      if (target.kind !== 'jump' && target.kind !== 'goto') continue;
      found.push(source.network);
      lines.push(step.at.line);
    }
    cidrs.push(...found);
  }
  if (cidrs.length === 0) return undefined;
  const own = new Set(frontends.flatMap(({ kind, address }) => (kind === 'node-port' ? [] : [address])));
  const given = [...new Set(cidrs)].filter((cidr) => !own.has(hostOf(cidr)));
  const refusals = frontends.flatMap(({ refusal }) => (refusal?.reason === 'source-ranges' ? [refusal] : []));
  return {
    cidrs: given,
    enforced: drops || refusals.length > 0,
    lines: [...new Set([...lines, ...refusals.flatMap((refusal) => refusal.lines)])].sort((a, b) => a - b),
  };
}
