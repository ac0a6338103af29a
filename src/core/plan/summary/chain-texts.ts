import type { CompiledRules } from '../../ruleset/compiled-rules.ts';
import type { SavedRules } from '../../ruleset/saved-rules.ts';
import { ruleLines } from '../rule-lines.ts';
import { serviceComment } from '../service-comment.ts';
import { LISTING_CHAINS } from './frontend-rule.ts';
import { endpointOf } from './service-chain-details.ts';

/** The chains of a node as text, by `table/chain`. */
export interface ChainTexts {
  /** Undefined if the chain is not there. */
  readonly rules: (table: string, chain: string) => string | undefined;
}

export function savedTexts({ tables }: SavedRules): ChainTexts {
  const chains = new Map(tables.map((table) => [table.name, table.chains]));
  return { rules: (table, chain) => chains.get(table)?.get(chain)?.rules };
}

/** The index is made when it is first asked: a plan of nothing but new Services never does. */
export function compiledTexts({ chains }: CompiledRules): ChainTexts {
  let index: ReadonlyMap<string, string> | undefined;
  const made = (): ReadonlyMap<string, string> =>
    new Map(chains.map(({ table, name, rules }) => [`${table}/${name}`, rules]));
  return { rules: (table, chain) => (index ??= made()).get(`${table}/${chain}`) };
}

/** The address of an endpoint by its chain, `10.0.0.3:80`; the chain's name if its rules do not say it. */
export function endpointName(texts: ChainTexts, chain: string): string {
  return endpointOf(texts.rules('nat', chain) ?? '') ?? chain;
}

/** The service ports that any rule for a frontend names. */
export function servicesIn(texts: ChainTexts): ReadonlySet<string> {
  const services = new Set<string>();
  for (const key of LISTING_CHAINS) {
    const [table = '', chain = ''] = key.split('/');
    for (const line of ruleLines(texts.rules(table, chain) ?? '')) {
      const service = serviceComment(line)?.service;
      if (service !== undefined) services.add(service);
    }
  }
  return services;
}
