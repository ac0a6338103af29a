import type { DecodedAffinity, DecodedChain, DecodedEndpoint, DecodedServicePort } from './decoded-rules.ts';
import { decodeEndpoints } from './decode-endpoints.ts';
import type { PortDraft } from './drafts.ts';
import { choosingChains, readChoice, type Choice } from './endpoint-choice.ts';
import { decodeFrontends } from './frontends.ts';
import { namePort, type Candidates } from './name-port.ts';
import { externalPolicyOf, internalPolicyOf } from './policies.ts';
import { portChains } from './port-chains.ts';
import { sourceRangesOf } from './source-ranges.ts';
import type { ChainWalker, Terrain } from './walk-chain.ts';

export interface PortContext {
  readonly terrain: Terrain;
  readonly walker: ChainWalker;
  readonly known: () => Candidates;
}

export function decodePort(draft: PortDraft, context: PortContext): DecodedServicePort {
  const { terrain, walker, known } = context;
  const chains = portChains(draft, terrain, walker);
  const choosing = choosingChains(draft, chains, walker);
  const read = (chain: string | undefined): Choice | undefined =>
    chain === undefined ? undefined : readChoice(chain, terrain, walker);
  const cluster = read(choosing.cluster);
  const local = read(choosing.local);
  const policyOf = (via: string): 'cluster' | 'local' | undefined => {
    if (via === choosing.cluster) return 'cluster';
    return via === choosing.local ? 'local' : undefined;
  };
  const frontends = decodeFrontends(draft, { terrain, walker, choosing, policyOf });
  const { hashed, ...names } = namePort(draft, chains, terrain, known);
  const internalPolicy = internalPolicyOf(frontends);
  const externalPolicy = externalPolicyOf(frontends);
  const endpoints: readonly DecodedEndpoint[] = decodeEndpoints(draft, {
    cluster,
    local,
    name: { ...names, hashed },
    isLocalKnown: internalPolicy === 'Local' || externalPolicy === 'Local' || local !== undefined,
  });
  return {
    ...names,
    frontends,
    internalPolicy,
    externalPolicy,
    affinity: affinityOf([choosing.cluster, choosing.local], terrain),
    sourceRanges: sourceRangesOf(chains, draft, terrain),
    masquerade: frontends.find(({ kind, chain }) => kind === 'cluster-ip' && chain !== undefined)?.masquerade,
    healthCheckNodePort: healthCheckOf(draft),
    endpoints,
    cluster: cluster?.told,
    local: local?.told,
    chains: chains.flatMap((chain) => decodedChain(chain, terrain)),
  };
}

function healthCheckOf({ healthCheck }: PortDraft): DecodedServicePort['healthCheckNodePort'] {
  const port = healthCheck?.step.guard.port;
  return healthCheck === undefined || port === undefined ? undefined : { port, line: healthCheck.step.at.line };
}

function affinityOf(chains: readonly (string | undefined)[], { nat }: Terrain): DecodedAffinity | undefined {
  const lines: number[] = [];
  let seconds: number | undefined;
  for (const chain of chains) {
    if (chain === undefined) continue;
    for (const { at, guard } of nat.steps(chain) ?? []) {
      if (guard.remembered === undefined) continue;
      lines.push(at.line);
      seconds ??= guard.remembered.seconds;
    }
  }
  return seconds === undefined ? undefined : { seconds, lines: lines.sort((a, b) => a - b) };
}

function decodedChain(name: string, { nat }: Terrain): readonly DecodedChain[] {
  const chain = nat.chains.get(name);
  if (chain === undefined) return [];
  return [{ table: nat.table, name, line: chain.line, rules: chain.rules.map(({ line }) => line) }];
}
