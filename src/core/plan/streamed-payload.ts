// A payload that is written while the rules are still being compiled: the chains of service ports first, as they come, then what the plan
// has besides. iptables-restore reads and checks them meanwhile; nothing is committed before the plan is known to be just that.
import type { CompiledChain } from '../ruleset/compiled-rules.ts';
import type { SavedRules } from '../ruleset/saved-rules.ts';
import type { ChainChange, FamilyPlan } from './plan.ts';
import { declareChains, restorePayload, type DeclarationOrder, type PayloadTable } from './restore-payload.ts';

/** The one chain that the chains of service ports name and that is not a service port's. */
const MARK_MASQ = 'KUBE-MARK-MASQ';
const TABLE = 'nat';

export class StreamedPayload {
  readonly #there: ReadonlySet<string>;
  readonly #order: DeclarationOrder;
  readonly #streamed = new Map<string, string>();

  /** @param current what the node has */
  constructor(current: SavedRules, order: DeclarationOrder) {
    const nat = current.tables.find(({ name }) => name === TABLE);
    this.#there = new Set(nat?.chains.keys());
    this.#order = order;
  }

  /** The first lines. */
  opening(): string {
    // To declare a chain that is there would empty it.
    const lines = this.#there.has(MARK_MASQ) ? [] : declareChains([MARK_MASQ], this.#order);
    return `*${TABLE}\n${lines.join('')}`;
  }

  /** Whole chains of service ports, and all that they name; undefined if the node has one of them: then it is no fresh one. */
  part(chains: readonly CompiledChain[]): string | undefined {
    for (const { table, name, rules } of chains) {
      if (table !== TABLE || this.#there.has(name)) return undefined;
      this.#streamed.set(name, rules);
    }
    const names = chains.map(({ name }) => name);
    return [...declareChains(names, this.#order), ...chains.map(({ rules }) => rules)].join('');
  }

  /**
   * What is left of a plan; its first table goes on where the parts ended. Undefined if the plan does not have every chain that was
   * streamed, with the same rules: then what was written must not be committed.
   */
  rest({ changes }: FamilyPlan): readonly PayloadTable[] | undefined {
    const left = changes.filter((change) => !this.#has(change));
    if (left.length !== changes.length - this.#streamed.size) return undefined;
    const [first, ...others] = restorePayload(left, { listFirst: false, order: this.#order });
    if (first?.table !== TABLE) return undefined;
    return [{ table: TABLE, body: withoutHeader(first.body) }, ...others];
  }

  #has(change: ChainChange): boolean {
    if (change.kind !== 'create-chain' || change.table !== TABLE) return false;
    return change.next.counters === undefined && this.#streamed.get(change.chain) === change.next.rules;
  }
}

function withoutHeader(body: Iterable<string>): Iterable<string> {
  return {
    *[Symbol.iterator](): Generator<string> {
      let isFirst = true;
      for (const piece of body) {
        yield isFirst ? piece.slice(`*${TABLE}\n`.length) : piece;
        isFirst = false;
      }
    },
  };
}
