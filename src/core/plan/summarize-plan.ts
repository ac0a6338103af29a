import type { CompiledRules } from '../ruleset/compiled-rules.ts';
import type { SavedRules } from '../ruleset/saved-rules.ts';
import { sortedBy } from '../util/order.ts';
import type { ChainChange, FamilyPlan } from './plan.ts';
import { ruleLines } from './rule-lines.ts';
import type { Canonical } from './same-rules.ts';
import { changedServiceDetails } from './summary/changed-service.ts';
import { compiledTexts, savedTexts, servicesIn, type ChainTexts } from './summary/chain-texts.ts';
import { LISTING_CHAINS } from './summary/frontend-rule.ts';
import { listingDifferences } from './summary/listing-differences.ts';
import { ruleChange } from './summary/rule-change.ts';
import { rulesAround } from './summary/service-chain-details.ts';
import { ServiceChangesByName, type ServiceChanges } from './summary/service-changes.ts';
import { countOf, type FamilySummary, type SummaryItem } from './summary/summary.ts';
import { wholeServiceDetails } from './summary/whole-service.ts';

export interface SummaryInput {
  /** What the plan was made of. */
  readonly current: SavedRules;
  readonly desired: CompiledRules;
  readonly canonical: Canonical;
}

/** What the changes of a plan mean for each Service. Each change is told of by at least one item. */
export function summarizeFamily(plan: FamilyPlan, { current, desired, canonical }: SummaryInput): FamilySummary {
  const services = new ServiceChangesByName();
  const others: SummaryItem[] = [];
  for (const change of plan.changes) {
    if (change.kind === 'edit-chain') others.push(jumpsItem(change));
    else if (change.service !== undefined) services.addChain(change.service, change);
    else others.push(...chainItem(change, services, canonical));
  }
  const { describe } = new ServiceDescriber(savedTexts(current), compiledTexts(desired));
  return {
    family: plan.family,
    items: [...sortedBy(services.all(), ({ service }) => service).map(describe), ...sortedItems(others)],
  };
}

const ORDER: Readonly<Record<SummaryItem['kind'], number>> = { service: 0, chain: 1, jumps: 2 };

function sortedItems(items: readonly SummaryItem[]): readonly SummaryItem[] {
  return sortedBy(
    items,
    ({ kind }) => ORDER[kind],
    ({ name }) => name,
  );
}

function keyOf({ table, chain }: ChainChange): string {
  return `${table}/${chain}`;
}

const CHANGES: Readonly<Record<ChainChange['kind'], SummaryItem['change']>> = {
  'create-chain': 'add',
  'delete-chain': 'remove',
  'replace-chain': 'change',
  'edit-chain': 'change',
};

function itemOf(change: ChainChange, kind: SummaryItem['kind'], details: readonly string[]): SummaryItem {
  const name = `${change.table} ${change.chain}`;
  return { kind, change: CHANGES[change.kind], name, details, chains: [keyOf(change)] };
}

function jumpsItem(change: ChainChange): SummaryItem {
  return itemOf(change, 'jumps', [change.reason]);
}

/** What a listing chain says of service ports goes to them; if that is all, the chain itself needs no words. */
function chainItem(change: ChainChange, services: ServiceChangesByName, canonical: Canonical): readonly SummaryItem[] {
  const key = keyOf(change);
  const [previous, next] = rulesAround(change);
  const isListing = LISTING_CHAINS.includes(key);
  const found = isListing ? listingDifferences(key, previous, next, canonical) : undefined;
  if (found !== undefined) services.addRules(key, found.added, found.removed);
  switch (change.kind) {
    case 'create-chain':
      return [itemOf(change, 'chain', [countOf(ruleLines(next).length, 'rule')])];
    case 'delete-chain':
      return [itemOf(change, 'chain', [`left over (${countOf(ruleLines(previous).length, 'rule')})`])];
    case 'replace-chain':
    case 'edit-chain': {
      const text = found === undefined ? ruleChange(previous, next) : found.others;
      return text === undefined ? [] : [itemOf(change, 'chain', [text])];
    }
  }
}

/** Tells new service ports, and such as go, from those that change. */
class ServiceDescriber {
  readonly #before: ChainTexts;
  readonly #after: ChainTexts;
  #servicesBefore: ReadonlySet<string> | undefined;
  #servicesAfter: ReadonlySet<string> | undefined;

  constructor(before: ChainTexts, after: ChainTexts) {
    this.#before = before;
    this.#after = after;
  }

  readonly describe = (changes: ServiceChanges): SummaryItem => {
    const { service, chains, listings } = changes;
    const change = this.#changeOf(changes);
    const detailsOf = (): readonly string[] =>
      change === 'change' ? changedServiceDetails(changes, this.#before, this.#after) : wholeServiceDetails(changes);
    let known: readonly string[] | undefined;
    return {
      kind: 'service',
      change,
      name: service,
      // When they are asked for: of thousands of Services, forty are shown.
      get details(): readonly string[] {
        return (known ??= detailsOf());
      },
      get chains(): readonly string[] {
        return [...listings, ...chains.map(keyOf)].sort();
      },
    };
  };

  #changeOf({ service, chains, added, removed }: ServiceChanges): SummaryItem['change'] {
    if (removed.length === 0 && chains.every(({ kind }) => kind === 'create-chain')) {
      this.#servicesBefore ??= servicesIn(this.#before);
      if (!this.#servicesBefore.has(service)) return 'add';
    }
    if (added.length === 0 && chains.every(({ kind }) => kind === 'delete-chain')) {
      this.#servicesAfter ??= servicesIn(this.#after);
      if (!this.#servicesAfter.has(service)) return 'remove';
    }
    return 'change';
  }
}
