import type { ChainChange } from '../plan.ts';
import { endpointName, type ChainTexts } from './chain-texts.ts';
import { endpointDetails, type EndpointNames } from './endpoint-details.ts';
import { frontendDetails } from './frontend-details.ts';
import { ruleChange } from './rule-change.ts';
import {
  differInAffinity,
  endpointOf,
  externalDetails,
  firewallDetails,
  rulesAround,
} from './service-chain-details.ts';
import type { ServiceChanges } from './service-changes.ts';

/** A service port that was there and goes on: each thing that changes for it. */
export function changedServiceDetails(
  changes: ServiceChanges,
  before: ChainTexts,
  after: ChainTexts,
): readonly string[] {
  const names: EndpointNames = {
    before: (chain) => endpointName(before, chain),
    after: (chain) => endpointName(after, chain),
  };
  const told = new Set<string>();
  let affinityChanged = false;
  const details: string[] = [];
  for (const change of changes.chains) {
    const noun = NOUNS[prefixOf(change)];
    if (noun === undefined) continue;
    const found = endpointDetails(noun, ...rulesAround(change), names);
    details.push(...found.details);
    for (const chain of found.told) told.add(chain);
    affinityChanged ||= found.affinityChanged;
  }
  details.push(...frontendDetails(changes));
  for (const change of changes.chains) {
    if (prefixOf(change) in NOUNS || isTold(change, told, affinityChanged)) continue;
    details.push(...otherChainDetails(change));
  }
  return [...new Set(details)];
}

const NOUNS: Readonly<Record<string, string>> = { 'KUBE-SVC': 'endpoint', 'KUBE-SVL': 'local endpoint' };

function prefixOf({ chain }: ChainChange): string {
  return /^KUBE-[A-Z]+(?=-)/.exec(chain)?.[0] ?? '';
}

/** The chain of an endpoint that was added, removed or got or lost its affinity needs no words of its own. */
function isTold(change: ChainChange, told: ReadonlySet<string>, affinityChanged: boolean): boolean {
  if (prefixOf(change) !== 'KUBE-SEP') return false;
  if (told.has(change.chain)) return true;
  return change.kind === 'replace-chain' && affinityChanged && differInAffinity(...rulesAround(change));
}

function otherChainDetails(change: ChainChange): readonly string[] {
  const [previous, next] = rulesAround(change);
  switch (prefixOf(change)) {
    case 'KUBE-EXT':
      return externalDetails(change);
    case 'KUBE-FW':
      return firewallDetails(change);
    case 'KUBE-SEP': {
      const where = endpointOf(next) ?? endpointOf(previous) ?? change.chain;
      if (change.kind === 'create-chain') return [`chain of endpoint ${where} was missing`];
      if (change.kind === 'delete-chain') return [`left-over chain of endpoint ${where} removed`];
      return [`endpoint ${where}: ${ruleChange(previous, next)}`];
    }
    case 'KUBE-XLB':
      return [`${change.chain} of kube-proxy before 1.24 removed`];
    default:
      return [`${ruleChange(previous, next)} in ${change.chain}`];
  }
}
