import type { ChainChange } from '../plan.ts';
import type { FrontendRule } from './frontend-rule.ts';

/** Everything of a plan that concerns one service port. */
export interface ServiceChanges {
  readonly service: string;
  /** Its own chains. */
  readonly chains: readonly ChainChange[];
  /** Rules in chains that list all service ports. */
  readonly added: readonly FrontendRule[];
  readonly removed: readonly FrontendRule[];
  /** `table/chain` of those chains. */
  readonly listings: ReadonlySet<string>;
}

interface OpenServiceChanges extends ServiceChanges {
  readonly chains: ChainChange[];
  readonly added: FrontendRule[];
  readonly removed: FrontendRule[];
  readonly listings: Set<string>;
}

/** Collects the changes of a plan by service port. */
export class ServiceChangesByName {
  readonly #services = new Map<string, OpenServiceChanges>();

  addChain(service: string, change: ChainChange): void {
    this.#of(service).chains.push(change);
  }

  addRules(listing: string, added: readonly FrontendRule[], removed: readonly FrontendRule[]): void {
    for (const rule of added) this.#listed(listing, rule).added.push(rule);
    for (const rule of removed) this.#listed(listing, rule).removed.push(rule);
  }

  all(): readonly ServiceChanges[] {
    return [...this.#services.values()];
  }

  #listed(listing: string, { service }: FrontendRule): OpenServiceChanges {
    const changes = this.#of(service);
    changes.listings.add(listing);
    return changes;
  }

  #of(service: string): OpenServiceChanges {
    const known = this.#services.get(service);
    if (known !== undefined) return known;
    const made = { service, chains: [], added: [], removed: [], listings: new Set<string>() };
    this.#services.set(service, made);
    return made;
  }
}
