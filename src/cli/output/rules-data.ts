import type { CompiledChain, CompiledRules } from '../../core/ruleset/compiled-rules.ts';
import type { Diagnostic } from '../../core/diag/diagnostic.ts';
import type { IpFamily } from '../../core/model/ip.ts';
import { ipvsData, type IpvsData } from './ipvs-data.ts';

/** What `compile -o json` prints. Scripts rely on it: fields are added, never renamed. */
export interface RulesData {
  readonly family: IpFamily;
  readonly tables: readonly TableData[];
  /** In the ipvs mode. */
  readonly ipvs?: IpvsData;
  readonly diagnostics: readonly Diagnostic[];
}

export interface TableData {
  readonly name: CompiledChain['table'];
  readonly chains: readonly ChainData[];
}

export interface ChainData {
  readonly name: string;
  readonly policy: CompiledChain['policy'];
  /** One `-A` line each. */
  readonly rules: readonly string[];
  readonly purpose: string;
  /** `namespace/name:port`, where the chain belongs to one. */
  readonly service?: string;
}

export function rulesData(
  { family, chains, ipvs, sysctls = [] }: Pick<CompiledRules, 'family' | 'chains'> & Partial<CompiledRules>,
  diagnostics: readonly Diagnostic[],
): RulesData {
  const tables = new Map<CompiledChain['table'], ChainData[]>();
  for (const chain of chains) {
    const table = tables.get(chain.table) ?? [];
    table.push(chainData(chain));
    tables.set(chain.table, table);
  }
  return {
    family,
    tables: [...tables].map(([name, chains]) => ({ name, chains })),
    ...(ipvs === undefined ? {} : { ipvs: ipvsData(ipvs, sysctls) }),
    diagnostics,
  };
}

function chainData({ name, policy, rules, purpose, service }: CompiledChain): ChainData {
  const lines = rules.split('\n').filter((line) => line !== '');
  return { name, policy, rules: lines, purpose, ...(service === undefined ? {} : { service }) };
}
