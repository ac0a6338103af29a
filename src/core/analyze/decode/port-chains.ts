import { serviceChainOf, serviceChainRole } from '../kube/service-chain.ts';
import type { PortDraft } from './drafts.ts';
import type { ChainWalker, Terrain } from './walk-chain.ts';

/** The chains of a service port that are not those of endpoints, in the order in which packets meet them. */
export function portChains(port: PortDraft, { nat }: Terrain, walker: ChainWalker): readonly string[] {
  const found = new Set<string>();
  const waiting: string[] = [];
  for (const { balance } of port.frontends.values()) {
    for (const { step } of balance) {
      const { target } = step.at.rule;
      if (target.kind === 'jump' || target.kind === 'goto') waiting.push(target.chain);
    }
  }
  if (port.suffix !== undefined) {
    for (const prefix of ['FW', 'EXT', 'XLB', 'SVC', 'SVL']) waiting.push(`KUBE-${prefix}-${port.suffix}`);
  }
  // A list that grows while it is read: chains are met once, so that circles end.
  for (const name of waiting) {
    if (found.has(name) || nat.steps(name) === undefined || walker.endpoint(name) !== undefined) continue;
    if (serviceChainRole(name) !== undefined && serviceChainOf(name)?.suffix !== port.suffix) continue;
    found.add(name);
    for (const { at } of walker.sorted(name).onward) {
      const { target } = at.rule;
      if (target.kind === 'jump' || target.kind === 'goto') waiting.push(target.chain);
    }
  }
  return [...found];
}
