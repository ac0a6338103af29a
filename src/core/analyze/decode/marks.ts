import type { Ruleset, RulesetChain } from '../../ruleset/ruleset.ts';
import type { Match } from '../../ruleset/match.ts';
import type { Rule } from '../../ruleset/rule.ts';

/** `(mark & mask) == value` */
export interface MarkTest {
  readonly value: number;
  readonly mask: number;
}

/** What packets are marked for, and where that is looked at. */
export interface Marks {
  /** Packets with one of these leave with the address of the node. */
  readonly masquerade: readonly MarkTest[];
  readonly randomFully: boolean;
  /** The rules that say so. */
  readonly lines: readonly number[];
  /** Packets with one of these are dropped in filter. */
  readonly drop: readonly MarkTest[];
}

const CHAINS: ReadonlySet<string> = new Set(['POSTROUTING', 'KUBE-POSTROUTING']);

export function findMarks(ruleset: Ruleset): Marks {
  const masquerade: MarkTest[] = [];
  const lines: number[] = [];
  let randomFully = false;
  for (const chain of chainsOf(ruleset, 'nat', CHAINS)) {
    let others: MarkTest | undefined;
    for (const { rule, line } of chain.rules) {
      const test = markTest(rule);
      // Since 1.16: whatever is not marked returns, the mark is taken off, and the rest is masqueraded.
      if (rule.target.kind === 'return' && test?.negated === true) {
        others = test;
        lines.push(line);
      }
      if (rule.target.kind === 'mark' && others !== undefined) lines.push(line);
      if (rule.target.kind !== 'masquerade') continue;
      const found = test?.negated === false ? test : others;
      if (found === undefined || (others === undefined && test === undefined)) continue;
      masquerade.push({ value: found.value, mask: found.mask });
      randomFully ||= rule.target.randomFully;
      lines.push(line);
    }
  }
  const drop = chainsOf(ruleset, 'filter', new Set(['KUBE-FIREWALL'])).flatMap(({ rules }) =>
    rules.flatMap(({ rule }) => {
      const test = rule.target.kind === 'drop' ? markTest(rule) : undefined;
      return test === undefined || test.negated ? [] : [{ value: test.value, mask: test.mask }];
    }),
  );
  return { masquerade, randomFully, lines, drop };
}

function chainsOf({ tables }: Ruleset, table: string, names: ReadonlySet<string>): readonly RulesetChain[] {
  return tables
    .filter(({ name }) => name === table)
    .flatMap(({ chains }) => [...chains.values()].filter(({ name }) => names.has(name)));
}

type MarkMatch = Match & { readonly kind: 'mark' | 'connmark' };

/** The mark of the packet that a rule asks for, if that is all that it asks for. */
export function markTest({ matches }: Rule): MarkMatch | undefined {
  const asked = matches.filter(({ kind }) => kind !== 'comment');
  const [only] = asked;
  return asked.length === 1 && only?.kind === 'mark' ? only : undefined;
}

/** Whether `mark = (mark & ~mask) ^ value` makes the test true, whatever the mark was. */
export function setsMark(target: { readonly value: number; readonly mask: number }, test: MarkTest): boolean {
  const covered = (target.mask & test.mask) >>> 0 === test.mask;
  return covered && (target.value & test.mask) >>> 0 === test.value;
}
