// A payload that is written while the rules are still being compiled: the chains of service ports first, as they come, then what the plan
// has besides. iptables-restore reads and checks them meanwhile; nothing is committed before the plan is known to be just that.
import type { CompiledChain } from '../ruleset/compiled-rules.ts';
import type { SavedRules } from '../ruleset/saved-rules.ts';
import type { ChainChange, FamilyPlan } from './plan.ts';
import { declareChains, restorePayload, type DeclarationOrder, type PayloadTable } from './restore-payload.ts';

/** The one chain that the chains of service ports name and that is not a service port's. */
const MARK_MASQ = 'KUBE-MARK-MASQ';
const TABLE = 'nat';

interface StreamedPart {
  readonly chains: readonly CompiledChain[];
  /** The number of those that have been met in the plan. */
  met: number;
}

export class StreamedPayload {
  readonly #there: ReadonlySet<string>;
  readonly #order: DeclarationOrder;
  readonly #parts: StreamedPart[] = [];

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

  /**
   * Whole chains of service ports by name, and all that they jump to; undefined if the node has one of them: then it is no fresh one.
   */
  part(chains: readonly CompiledChain[]): string | undefined {
    if (chains.some(({ table, name }) => table !== TABLE || this.#there.has(name))) return undefined;
    this.#parts.push({ chains, met: 0 });
    const names = chains.map(({ name }) => name);
    return [...declareChains(names, this.#order), ...chains.map(({ rules }) => rules)].join('');
  }

  /**
   * Once: what is left of a plan; its first table goes on where the parts ended. Undefined if the plan does not have every chain that was
   * streamed, with the same rules: then what was written must not be committed.
   */
  rest({ changes }: FamilyPlan): readonly PayloadTable[] | undefined {
    const left = changes.filter((change) => !this.#meets(change));
    if (this.#parts.some(({ chains, met }) => met < chains.length)) return undefined;
    const [first, ...others] = restorePayload(left, { listFirst: false, order: this.#order });
    if (first?.table !== TABLE) return undefined;
    return [{ table: TABLE, body: withoutHeader(first.body) }, ...others];
  }

  /** New chains of a plan come by name as well: so each is the next one of some part, and nothing needs to be looked up among 56,000. */
  #meets(change: ChainChange): boolean {
    if (change.kind !== 'create-chain' || change.table !== TABLE || change.next.counters !== undefined) return false;
    const part = this.#parts.find(({ chains, met }) => chains[met]?.name === change.chain);
    if (part?.chains[part.met]?.rules !== change.next.rules) return false;
    part.met += 1;
    return true;
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
