import type { RulesetChain, RulesetRule } from '../../ruleset/ruleset.ts';
import { serviceCommentOf } from '../kube/service-comment.ts';
import type { DumpView } from './dump-view.ts';
import { endpointChain, isEndpointChain, type EndpointChain } from './endpoint-chain.ts';
import { choiceOf, type Choice } from './endpoint-choice.ts';
import { frontendKey, frontendsIn, type Frontend } from './frontend.ts';
import { groupedBy } from './grouped.ts';
import { isPortChain, portSuffix } from './port-chain.ts';
import { refusalsIn, type Refusal } from './refusal.ts';
import { jumpOf } from './rule-facts.ts';
import { shownName } from './shown-name.ts';
import type { TableView } from './table-view.ts';

/**
 * The Services that the rules of the iptables mode serve, by what leads to what; written by kube-proxy of any version. For questions about
 * lines; what it all means together is decode's business.
 */
export class ServiceIndex {
  readonly nat: TableView | undefined;
  readonly frontends: readonly Frontend[];
  /** By the name of the chain. */
  readonly endpoints: ReadonlyMap<string, EndpointChain>;
  readonly choices: readonly Choice[];
  readonly refusals: readonly Refusal[];
  readonly #names: ReadonlyMap<string, string>;
  readonly #reached = new Map<string, readonly EndpointChain[]>();
  #byKey: ReadonlyMap<string, readonly Frontend[]> | undefined;

  constructor(dump: DumpView) {
    const nat = dump.table('nat');
    const chains = [...(nat?.chains.values() ?? [])];
    this.nat = nat;
    this.frontends =
      nat === undefined ? [] : [...frontendsIn(nat, 'KUBE-SERVICES'), ...frontendsIn(nat, 'KUBE-NODEPORTS')];
    this.endpoints = new Map(
      chains.filter(({ name }) => isEndpointChain(name)).map((chain) => [chain.name, endpointChain(chain)]),
    );
    this.choices = chains.flatMap((chain) => choiceOf(chain) ?? []);
    this.refusals = refusalsIn(dump.table('filter'));
    this.#names = namesOf(chains, this.frontends, this.choices);
  }

  /** `namespace/name:port` of the service port that a chain belongs to, as people write it. */
  serviceOf(chain: string): string | undefined {
    const name = this.rawName(chain);
    return name === undefined ? undefined : shownName(name);
  }

  /** The same as it is in comments and hashes. */
  rawName(chain: string): string | undefined {
    return this.#names.get(isEndpointChain(chain) ? chain : portSuffix(chain));
  }

  /** For messages: the service port, or the chain where nothing says which it is. */
  label(chain: string): string {
    return this.serviceOf(chain) ?? chain;
  }

  /** The endpoints that a chain of a service port can lead to, each once, in the order of the rules. */
  endpointsOf(chain: string): readonly EndpointChain[] {
    const known = this.#reached.get(chain);
    if (known !== undefined) return known;
    const seen = new Set([chain]);
    const found = new Set<EndpointChain>();
    for (const name of seen) {
      for (const { rule } of this.nat?.rules(name) ?? []) {
        const to = jumpOf(rule);
        if (to === undefined) continue;
        const endpoint = this.endpoints.get(to);
        if (endpoint !== undefined) found.add(endpoint);
        else if (isPortChain(to)) seen.add(to);
      }
    }
    const list = [...found];
    this.#reached.set(chain, list);
    return list;
  }

  /** The frontends of an address and port; the first of them takes the packets. */
  frontendsAt(key: string): readonly Frontend[] {
    this.#byKey ??= groupedBy(this.frontends, frontendKey);
    return this.#byKey.get(key) ?? [];
  }
}

/** By the 16 characters that all chains of a service port share, and by whole name for those of endpoints. */
function namesOf(
  chains: readonly RulesetChain[],
  frontends: readonly Frontend[],
  choices: readonly Choice[],
): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const tell = (key: string, { rule }: RulesetRule): void => {
    if (names.has(key)) return;
    const comment = serviceCommentOf(rule);
    if (comment !== undefined) names.set(key, comment.written);
  };
  for (const { chain, rule } of frontends) tell(portSuffix(chain), rule);
  // Old versions say it in these only.
  for (const { name, rules } of chains) {
    if (isPortChain(name) && !names.has(portSuffix(name))) for (const rule of rules) tell(portSuffix(name), rule);
    else if (isEndpointChain(name)) for (const rule of rules) tell(name, rule);
  }
  for (const { chain, entries } of choices) {
    const name = names.get(portSuffix(chain.name));
    if (name === undefined) continue;
    for (const entry of entries) if (!names.has(entry.chain)) names.set(entry.chain, name);
  }
  return names;
}
