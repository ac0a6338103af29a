import { ruleLines } from '../rule-lines.ts';
import { without, type Canonical } from '../same-rules.ts';
import { readFrontendRule, type FrontendRule } from './frontend-rule.ts';

/** How two texts of a chain that lists service ports differ. */
export interface ListingDifferences {
  readonly added: readonly FrontendRule[];
  readonly removed: readonly FrontendRule[];
  /** Differences that belong to no service port, in words; undefined if there are none. */
  readonly others: string | undefined;
}

/** @param key `table/chain` */
export function listingDifferences(
  key: string,
  previous: string,
  next: string,
  canonical: Canonical,
): ListingDifferences {
  const [before, after] = [ruleLines(previous), ruleLines(next)];
  let added = without(after, before);
  let removed = without(before, after);
  if (added.length > 0 && removed.length > 0) {
    // Spelling is no difference.
    const [addedTexts, removedTexts] = [added.map(canonical), removed.map(canonical)];
    added = without(addedTexts, removedTexts);
    removed = without(removedTexts, addedTexts);
  }
  const [gained, lost] = [split(key, added), split(key, removed)];
  return { added: gained.rules, removed: lost.rules, others: othersText(gained, lost) };
}

interface Split {
  readonly rules: readonly FrontendRule[];
  readonly unknown: number;
}

function split(key: string, lines: readonly string[]): Split {
  const rules = lines.map((line) => readFrontendRule(key, line)).filter((rule) => rule !== undefined);
  return { rules, unknown: lines.length - rules.length };
}

function othersText(gained: Split, lost: Split): string | undefined {
  if (gained.rules.length + lost.rules.length + gained.unknown + lost.unknown === 0) return 'rules in another order';
  if (gained.unknown + lost.unknown === 0) return undefined;
  return [
    ...(gained.unknown > 0 ? [`${gained.unknown} added`] : []),
    ...(lost.unknown > 0 ? [`${lost.unknown} removed`] : []),
  ]
    .join(', ')
    .replace(/^/, 'rules of no Service: ');
}
