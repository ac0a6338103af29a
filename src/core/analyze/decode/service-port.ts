import type { DecodedAffinity, DecodedChain, DecodedEndpoint, DecodedServicePort } from './decoded-rules.ts';
import { decodeEndpoints } from './decode-endpoints.ts';
import type { PortDraft } from './drafts.ts';
import { directChoice, findChoosers, readChoice, type Choice, type Chooser } from './endpoint-choice.ts';
import { decodeFrontends, withCutOff, type FrontendContext } from './frontends.ts';
import { namePort, type Candidates } from './name-port.ts';
import { externalPolicyOf, internalPolicyOf } from './policies.ts';
import { portChains } from './port-chains.ts';
import { sourceRangesOf } from './source-ranges.ts';
import { sortedLines } from './unique.ts';
import type { ChainWalker, Terrain } from './walk-chain.ts';

export interface PortContext {
  readonly terrain: Terrain;
  readonly walker: ChainWalker;
  readonly known: () => Candidates;
  readonly cutOff: FrontendContext['cutOff'];
}

export function decodePort(draft: PortDraft, context: PortContext): DecodedServicePort {
  const { terrain, walker, known, cutOff } = context;
  const chains = portChains(draft, terrain, walker);
  const choosers = findChoosers(draft, chains, walker);
  const read = (chooser: Chooser | undefined): Choice | undefined =>
    chooser === undefined ? undefined : readChoice(chooser, walker);
  const cluster = read(choosers.cluster) ?? (choosers.local === undefined ? directChoice(draft, walker) : undefined);
  const local = read(choosers.local);
  const frontends = decodeFrontends(draft, { terrain, walker, cluster, local, cutOff });
  const { hashed, ...names } = namePort(draft, chains, terrain, known);
  const internalPolicy = internalPolicyOf(frontends);
  const externalPolicy = externalPolicyOf(frontends);
  const endpoints: readonly DecodedEndpoint[] = decodeEndpoints(draft, {
    cluster,
    local,
    name: { ...names, hashed },
    walker,
    isLocalKnown: internalPolicy === 'Local' || externalPolicy === 'Local' || local !== undefined,
  });
  return {
    ...names,
    frontends: frontends.map(withCutOff),
    internalPolicy,
    externalPolicy,
    affinity: affinityOf([cluster?.told.chain, local?.told.chain], walker),
    sourceRanges: sourceRangesOf(chains, draft, terrain),
    masquerade: frontends.find(({ kind, chain }) => kind === 'cluster-ip' && chain !== undefined)?.masquerade,
    healthCheckNodePort: healthCheckOf(draft),
    endpoints,
    cluster: cluster?.told,
    local: local?.told,
    chains: chains.flatMap((chain) => decodedChain(chain, terrain)),
    ipvs: undefined,
  };
}

function healthCheckOf({ healthCheck }: PortDraft): DecodedServicePort['healthCheckNodePort'] {
  const port = healthCheck?.step.guard.port;
  return healthCheck === undefined || port === undefined ? undefined : { port, line: healthCheck.step.at.line };
}

function affinityOf(chains: readonly (string | undefined)[], walker: ChainWalker): DecodedAffinity | undefined {
  const lines: number[] = [];
  let seconds: number | undefined;
  for (const chain of chains) {
    for (const { at, guard } of chain === undefined ? [] : walker.sorted(chain).remembering) {
      lines.push(at.line);
      seconds ??= guard.remembered?.seconds;
    }
  }
  return seconds === undefined ? undefined : { seconds, lines: sortedLines(lines) };
}

function decodedChain(name: string, { nat }: Terrain): readonly DecodedChain[] {
  const chain = nat.chains.get(name);
  if (chain === undefined) return [];
  return [{ table: nat.table, name, line: chain.line, rules: nat.lines(name) }];
}
