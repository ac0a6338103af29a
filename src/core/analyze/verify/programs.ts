import { builtInChains } from '../../ruleset/built-in-chains.ts';
import type { Ruleset, RulesetRule } from '../../ruleset/ruleset.ts';
import { ChainProgram } from './chain-program.ts';
import { isKubeRule } from './owners.ts';
import { readRule, type RuleProgram } from './rule-program.ts';

/** All rules of a dump, taken apart. */
export class Programs {
  readonly rules: readonly RuleProgram[];
  readonly #chains = new Map<string, ChainProgram>();
  readonly #tables = new Map<string, Map<string, ChainProgram>>();
  #asks: AskedBehind | undefined;
  #texts: ReadonlySet<string> | undefined;

  /** @param before rules that these are compared with: rules of the same text decide alike what nobody else knows */
  constructor(ruleset: Ruleset, before?: Programs) {
    const all: RuleProgram[] = [];
    const firstId = before?.rules.length ?? 0;
    const twins = new Twins(before?.rules ?? []);
    for (const { name: table, chains } of ruleset.tables) {
      const byName = this.#tables.get(table) ?? new Map<string, ChainProgram>();
      this.#tables.set(table, byName);
      for (const chain of chains.values()) {
        const rules = chain.rules.map((read) => {
          const owner = isKubeRule(table, read.rule) ? 'kube' : 'other';
          const id = firstId + all.length;
          const program = readRule(read, {
            table,
            owner,
            id,
            conditionId: twins.take(table, read) ?? id,
            family: ruleset.family,
          });
          all.push(program);
          return program;
        });
        const program = new ChainProgram(table, chain.name, chain.policy, chain.line, rules);
        this.#chains.set(`${table}/${chain.name}`, program);
        byName.set(chain.name, program);
      }
    }
    this.rules = all;
  }

  chain(table: string, name: string): ChainProgram | undefined {
    return this.#tables.get(table)?.get(name);
  }

  /** The rules that a packet can meet after its destination is settled: all but those that only nat PREROUTING and OUTPUT lead to. */
  rulesAfterTranslation(): readonly RuleProgram[] {
    const reached = new Set<string>();
    const todo = ['nat/INPUT', 'nat/POSTROUTING'];
    for (const table of builtInChains.keys()) {
      if (table !== 'nat') for (const [key] of this.#chains) if (key.startsWith(`${table}/`)) reached.add(key);
    }
    for (let key = todo.pop(); key !== undefined; key = todo.pop()) {
      if (reached.has(key)) continue;
      reached.add(key);
      for (const { target } of this.#chains.get(key)?.rules ?? []) {
        if (target.kind === 'jump' || target.kind === 'goto') todo.push(`nat/${target.chain}`);
      }
    }
    return [...reached].sort().flatMap((key) => this.#chains.get(key)?.rules ?? []);
  }

  /** `table/name` of every chain. */
  chainNames(): Iterable<string> {
    return this.#chains.keys();
  }

  byKey(key: string): ChainProgram | undefined {
    return this.#chains.get(key);
  }

  byId(id: number): RuleProgram | undefined {
    const [first] = this.rules;
    return first === undefined ? undefined : this.rules[id - first.id];
  }

  /** Every rule with its table. */
  texts(): ReadonlySet<string> {
    this.#texts ??= new Set(this.rules.map(({ table, read }) => `${table} ${read.rule.text}`));
    return this.#texts;
  }

  /** What rules behind the routing decision ask of what was before. */
  asksBehind(): AskedBehind {
    this.#asks ??= askedBy(this.rulesAfterTranslation());
    return this.#asks;
  }

  /** The rules of all tables but nat. */
  rulesOutsideNat(): readonly RuleProgram[] {
    return this.rules.filter(({ table }) => table !== 'nat');
  }

  /** The bits of the mark that kube-proxy's rules set, and those that the kubelet's ask for: no packet brings them along. */
  kubeMarkBits(): number {
    let bits = 0;
    for (const { owner, target, read, changing } of this.rules) {
      if (read.rule.chain === 'KUBE-FIREWALL')
        for (const match of changing) if (match.kind === 'mark') bits |= match.mask;
      // A rule that writes the whole mark (kube-proxy until 1.1) says by its value which bits matter.
      if (owner === 'kube' && target.kind === 'mark')
        bits |= target.value | (target.mask === ALL_BITS ? 0 : target.mask);
    }
    return bits >>> 0;
  }
}

export interface AskedBehind {
  /** The destination that the packet came with. */
  readonly original: boolean;
  /** Lists of -m recent. */
  readonly recent: boolean;
}

function askedBy(rules: readonly RuleProgram[]): AskedBehind {
  let original = false;
  let recent = false;
  for (const { changing } of rules) {
    for (const match of changing) {
      recent ||= match.kind === 'recent';
      if (match.kind !== 'conntrack') continue;
      original ||= (match.originalDestination ?? match.originalDestinationPorts ?? match.protocol) !== undefined;
    }
  }
  return { original, recent };
}

/** Finds for a rule the one of the same text in another rule set, each once. */
class Twins {
  readonly #ids = new Map<string, number[]>();

  constructor(rules: readonly RuleProgram[]) {
    for (const { table, read, id } of rules) {
      const key = `${table} ${read.rule.text}`;
      const same = this.#ids.get(key);
      if (same === undefined) this.#ids.set(key, [id]);
      else same.push(id);
    }
  }

  take(table: string, { rule }: RulesetRule): number | undefined {
    return this.#ids.size === 0 ? undefined : this.#ids.get(`${table} ${rule.text}`)?.shift();
  }
}

const ALL_BITS = 0xffffffff;
