import type { IpFamily } from '../../../model/ip.ts';
import { kubeSetName, type KubeSet } from '../../../ruleset/kube-ip-sets.ts';
import type { Ruleset, RulesetRule } from '../../../ruleset/ruleset.ts';
import type { KubeMembers } from '../../ipvs/kube-members.ts';
import type { Lines } from '../decoded-rules.ts';
import { sortedLines } from '../unique.ts';
import type { Terrain } from '../walk-chain.ts';

/** What the service ports of the IPVS mode are read from, besides their virtual servers. */
export interface IpvsReading {
  readonly family: IpFamily;
  readonly terrain: Terrain;
  /** Undefined: no sets were given. */
  readonly members: KubeMembers | undefined;
  /** Whether virtual servers were given. */
  readonly knowsServers: boolean;
  /** The rules that ask a set, as TABLE/CHAIN and line. */
  readonly users: ReadonlyMap<string, readonly SetUser[]>;
}

export interface SetUser {
  readonly chain: string;
  readonly line: number;
}

export function setUsers({ tables }: Ruleset): ReadonlyMap<string, readonly SetUser[]> {
  const users = new Map<string, SetUser[]>();
  for (const { name: table, chains } of tables) {
    for (const { name, rules } of chains.values()) {
      for (const rule of rules) addUser(users, `${table}/${name}`, rule);
    }
  }
  return users;
}

function addUser(users: Map<string, SetUser[]>, chain: string, { rule, line }: RulesetRule): void {
  for (const match of rule.matches) {
    if (match.kind !== 'set') continue;
    const known = users.get(match.name);
    if (known === undefined) users.set(match.name, [{ chain, line }]);
    else known.push({ chain, line });
  }
}

/** The rules that ask any of these sets, of a chain only if one is named. */
export function linesOf(sets: readonly KubeSet[], { users, family }: IpvsReading, chain?: string): Lines {
  const all = sets.flatMap((set) => users.get(kubeSetName(set, family)) ?? []);
  return sortedLines(all.filter((user) => chain === undefined || user.chain === chain).map(({ line }) => line));
}
