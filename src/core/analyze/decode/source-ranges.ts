import { serviceChainRole } from '../kube/service-chain.ts';
import type { DecodedSourceRanges } from './decoded-rules.ts';
import type { PortDraft } from './drafts.ts';
import { isFirewall } from './frontends.ts';
import { hostOf } from './endpoint-chain.ts';
import type { IpNetwork } from '../../ruleset/rule-values.ts';
import { sortedLines } from './unique.ts';
import type { Terrain } from './walk-chain.ts';

/** The ranges of sources that the chains before the endpoints let pass; undefined where they let everybody. */
export function sourceRangesOf(
  chains: readonly string[],
  { frontends }: PortDraft,
  terrain: Terrain,
): DecodedSourceRanges | undefined {
  const cidrs = new Map<string, IpNetwork>();
  const lines: number[] = [];
  let drops = false;
  for (const chain of chains) {
    const role = serviceChainRole(chain);
    if (role !== undefined && role !== 'firewall') continue;
    const found: IpNetwork[] = [];
    for (const step of terrain.nat.steps(chain) ?? []) {
      const { source, fromLocal } = step.guard;
      // Tells packets of the node from others: a chain for external traffic by another name.
      if (fromLocal !== undefined && role === undefined) return undefined;
      if (terrain.drops(step)) {
        drops = true;
        if (found.length > 0) lines.push(step.at.line);
      }
      const { network } = step.at.rule.source ?? {};
      if (source === undefined || source.negated || network === undefined) continue;
      if (terrain.masquerades(step) || (terrain.isDetector(source.text) && role === undefined)) continue;
      const { target } = step.at.rule;
      if (target.kind !== 'jump' && target.kind !== 'goto') continue;
      found.push(network);
      lines.push(step.at.line);
    }
    for (const network of found) cidrs.set(network.text, network);
  }
  if (cidrs.size === 0) return undefined;
  const own = new Set([...frontends.values()].flatMap(({ destination }) => destination.address ?? []));
  const refusals = [...frontends.values()].flatMap(({ refuse }) =>
    refuse.filter(isFirewall).map(({ step }) => step.at.line),
  );
  return {
    cidrs: [...cidrs].flatMap(([text, network]) => (own.has(hostOf(network) ?? '') ? [] : [text])),
    enforced: drops || refusals.length > 0,
    lines: sortedLines([...lines, ...refusals]),
  };
}
