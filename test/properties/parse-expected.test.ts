import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { expectRules, type LikelyChain } from '../../src/core/parse/iptables-save/expected-rules.ts';
import { SaveReader, type SplitSave } from '../../src/core/parse/iptables-save/save-reader.ts';
import { splitSave } from '../../src/core/parse/iptables-save/split-save.ts';
import { anyDump, damagedDump } from '../support/hostile-dumps.ts';
import { DumpBytes } from '../../src/host/iptables/dump-bytes.ts';
import { expectDump } from '../../src/host/iptables/expected-dump.ts';
import { holds, metAtLeast } from '../support/law.ts';

/** How an expectation differs from what is read; the first one does not. */
const CHANGES: readonly ((chain: LikelyChain, rest: string) => LikelyChain)[] = [
  (chain) => chain,
  (chain) => withRules(chain, chain.next.rules.replace(/[^\n]*\n$/, '')),
  (chain) => withRules(chain, chain.next.rules.slice(0, -1)),
  (chain) => withRules(chain, chain.next.rules.slice(0, -7)),
  (chain) => withRules(chain, chain.next.rules.replaceAll('\n', '\r\n')),
  (chain) => withRules(chain, chain.next.rules + chain.next.rules),
  (chain) => withRules(chain, `${chain.next.rules}-A ${chain.chain} -j X\n`),
  (chain) => withRules(chain, chain.next.rules.replace('-j', '-g')),
  (chain) => withRules(chain, ''),
  (chain, rest) => withRules(chain, rest),
  (chain, rest) => withRules(chain, chain.next.rules + rest),
  (chain) => ({ ...chain, chain: `${chain.chain}X` }),
  (chain) => ({ ...chain, chain: chain.chain.slice(0, -1) }),
  (chain) => ({ ...chain, chain: `-${chain.chain}` }),
  (chain) => ({ ...chain, chain: `${chain.chain}\t` }),
  (chain) => ({ ...chain, table: 'mangle' }),
];

function withRules(chain: LikelyChain, rules: string): LikelyChain {
  return { ...chain, next: { rules } };
}

/** Lines of the dump from the chain's own on, those of other chains among them: an expectation that stands there as well. */
function restOf(text: string, { chain }: LikelyChain, lines: number): string {
  const at = text.indexOf(`-A ${chain} `);
  if (at === -1) return '';
  return text
    .slice(at)
    .split('\n')
    .slice(0, lines)
    .map((line) => `${line}\n`)
    .join('');
}

interface Choice {
  /** Which of CHANGES, by turns. */
  readonly changes: readonly number[];
  readonly lines: number;
  readonly leaveOut: number;
  readonly reversed: boolean;
}

const choice: fc.Arbitrary<Choice> = fc.record({
  changes: fc.oneof(
    fc.constant([0]),
    fc.array(fc.oneof(fc.constant(0), fc.nat(CHANGES.length - 1)), { minLength: 1, maxLength: 7 }),
  ),
  lines: fc.nat(4),
  leaveOut: fc.oneof(fc.constant(0), fc.nat(9)),
  reversed: fc.boolean(),
});

function likelyIn(text: string, { changes, lines, leaveOut, reversed }: Choice): readonly LikelyChain[] {
  const chains = splitSave(text).saved.tables.flatMap((table) =>
    [...table.chains.values()].map(({ name, rules }) => ({ table: table.name, chain: name, next: { rules } })),
  );
  const likely = chains
    // No plan writes a chain that is always there as a whole; where much else is wrong, this may be too.
    .filter(({ chain }) => changes.length > 1 || chain !== 'PREROUTING')
    .filter((_, i) => i % 10 < 10 - leaveOut)
    .map((chain, i) => CHANGES[changes[i % changes.length] ?? 0]?.(chain, restOf(text, chain, lines)) ?? chain);
  return reversed ? likely.reverse() : likely;
}

/** As it is, the order of chains included, which `deepEqual` does not compare. */
function shown({ saved, ...rest }: SplitSave): unknown {
  return { ...rest, tables: saved.tables.map(({ chains, ...table }) => ({ ...table, chains: [...chains] })) };
}

const NAMES = ['A', 'AB', 'B', 'KUBE-SEP-1', 'KUBE-SEP-12', 'KUBE-SVC-1', '-C', 'Z'] as const;
const name = fc.constantFrom(...NAMES);
const rule = fc.constantFrom(
  '-j X',
  '-s 10.0.0.1/32 -j Y',
  '-m comment --comment "a b" -j Z',
  '-j "\u00e9"',
  '-j X\r',
  '',
);

/** Mostly as iptables-save prints it: declarations first, by name, then rules by chain; and now and then some line that does not fit. */
const plainDump: fc.Arbitrary<string> = fc
  .record({
    chains: fc.array(
      fc.record({
        name,
        counters: fc.constantFrom('[0:0]', '[0:0]', '[0:0]', '[3:4]'),
        rules: fc.array(rule),
      }),
      { minLength: 1, maxLength: 9 },
    ),
    sorted: fc.boolean(),
    odd: fc.array(
      fc.record({
        at: fc.nat(40),
        line: fc.oneof(
          name.map((chain) => `:${chain} - [0:0]`),
          fc.tuple(name, rule).map(([chain, text]) => `-A ${chain} ${text}`),
          fc.constantFrom(
            '*nat',
            'COMMIT',
            '*filter',
            '# x',
            '[1:2] -A A -j X',
            '-A B -j X\r',
            '-A B',
            '-N Z',
            '...',
            ':A\t - [0:0]',
          ),
        ),
      }),
      { maxLength: 3 },
    ),
  })
  .map(({ chains, sorted, odd }) => {
    const ordered = sorted ? [...chains].sort((a, b) => (a.name < b.name ? -1 : 1)) : chains;
    const lines = [
      '*nat',
      ':PREROUTING ACCEPT [1:2]',
      ...ordered.map((chain) => `:${chain.name} - ${chain.counters}`),
      '-A PREROUTING -j A',
      ...ordered.flatMap((chain) => chain.rules.map((text) => `-A ${chain.name} ${text}`)),
      'COMMIT',
    ];
    for (const { at, line } of odd) lines.splice(at % (lines.length + 1), 0, line);
    return lines.map((line) => `${line}\n`).join('');
  });

const plainRule = fc.constantFrom('-j X', '-s 10.0.0.1/32 -j Y', '-m comment --comment "\u00e9 b" -j Z');

/** As it is printed, and at most a byte or two different. */
const printedDump: fc.Arbitrary<string> = fc
  .record({
    chains: fc.uniqueArray(fc.record({ name, rules: fc.array(plainRule, { maxLength: 3 }) }), {
      selector: (chain) => chain.name,
      minLength: 1,
    }),
    slip: fc.option(fc.record({ at: fc.nat(400), by: fc.constantFrom('', ' ', '\n', 'X') }), { freq: 2 }),
  })
  .map(({ chains, slip }) => {
    const sorted = chains.filter((chain) => chain.name !== '-C').sort((a, b) => (a.name < b.name ? -1 : 1));
    const lines = [
      '*nat',
      ':PREROUTING ACCEPT [1:2]',
      ...sorted.map((chain) => `:${chain.name} - [0:0]`),
      '-A PREROUTING -j A',
      ...sorted.flatMap((chain) => chain.rules.map((text) => `-A ${chain.name} ${text}`)),
      'COMMIT',
    ];
    const text = lines.map((line) => `${line}\n`).join('');
    if (slip === null) return text;
    const at = slip.at % text.length;
    return `${text.slice(0, at)}${slip.by}${text.slice(at + 1)}`;
  });

/** As a plan has it: most often just this. */
const planned: fc.Arbitrary<Choice> = fc.record({
  changes: fc.oneof({ weight: 3, arbitrary: fc.constant([0]) }, fc.array(fc.nat(CHANGES.length - 1), { minLength: 1 })),
  lines: fc.constant(0),
  leaveOut: fc.constant(0),
  reversed: fc.boolean(),
});

const cuts = fc.array(fc.nat(2000), { maxLength: 6 });

/** Slices between places, of something that is so long. */
function rangesOf(length: number, at: readonly number[]): readonly (readonly [number, number])[] {
  const sorted = [0, ...at.map((n) => n % (length + 1)).sort((a, b) => a - b), length];
  return sorted.map((from, i) => [from, sorted[i + 1] ?? length]);
}

describe('what a dump is expected to have changes nothing of what is read', () => {
  for (const [title, dump, chosenBy, least, leastWhole] of [
    ['a dump as iptables-save prints it', plainDump, choice, 5000, 0],
    ['one that has nearly all that is expected, in one piece', printedDump, planned, 5000, 500],
    ['damaged dumps and lines of all kinds', fc.oneof(damagedDump, anyDump), choice, 1000, 0],
  ] as const) {
    it(title, function () {
      this.timeout(120_000);
      let [right, wrong, whole] = [0, 0, 0];
      const law = fc.property(dump, fc.option(fc.nat(2000)), chosenBy, cuts, (uncut, cut, chosen, at) => {
        const likely = likelyIn(uncut, chosen);
        const text = cut === null ? uncut : uncut.slice(0, cut % (uncut.length + 1));
        const reader = new SaveReader('<stdin>', expectRules(likely));
        for (const range of rangesOf(text.length, at)) reader.push(text.slice(...range));
        const expected = splitSave(text);
        assert.deepEqual(shown(reader.finish()), shown(expected));
        const bytes = Buffer.from(text);
        const parts = expectDump(likely);
        const byBytes = new DumpBytes('<stdin>', parts);
        for (const range of rangesOf(bytes.length, at)) byBytes.add(bytes.subarray(...range));
        assert.deepEqual(shown(byBytes.finish()), shown(splitSave(bytes.toString())));
        const all = parts.bytes.reduce((sum, part) => sum + part.bytes.length, 0);
        if (parts.bytes.length > 1 && byBytes.undecoded === all) whole += 1;
        for (const { table, chain, next } of likely) {
          const found = expected.saved.tables.find((t) => t.name === table)?.chains.get(chain);
          if (found?.policy === '-' && found.rules === next.rules && next.rules !== '') right += 1;
          else wrong += 1;
        }
      });
      holds(law, { runs: 10_000 });
      metAtLeast(least, right, 'chains that had what was expected');
      metAtLeast(least, wrong, 'chains that had something else');
      metAtLeast(leastWhole, whole, 'dumps of which all that was expected was only compared');
    });
  }
});
