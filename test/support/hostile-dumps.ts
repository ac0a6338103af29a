/** Texts that look like dumps and are none, for laws about the reader. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { foldersIn } from './golden-case.ts';
import { goldenRoot } from './golden-paths.ts';

const root = join(goldenRoot, 'parse');

/** The inputs of golden/parse. */
export const corpus: readonly string[] = foldersIn(root).map((name) =>
  readFileSync(join(root, name, 'input.rules'), 'utf8'),
);

/** What hurts. */
const OTHERS =
  '! " \\ "" "\\" - -- --- -m --= -A # ... é -Ax -sx --to= 4294967296 99999999999999999999 0x 1e309 [ []: :: : / ,';

/** Every word that the corpus holds, and the others. */
const words: readonly string[] = [
  ...new Set([...corpus.flatMap((text) => text.split(/\s+/)), ...OTHERS.split(' '), '\u0000', '\u2028', '\ud800']),
].filter((word) => word !== '');

const word = fc.constantFrom(...words);
const blank = fc.constantFrom(' ', ' ', ' ', '  ', '\t', '');

/** A rule out of known words, in any order. */
export const anyRule: fc.Arbitrary<string> = fc
  .array(fc.tuple(blank, fc.oneof({ weight: 12, arbitrary: word }, fc.string({ unit: 'binary', maxLength: 6 }))), {
    maxLength: 14,
  })
  .map((parts) => `-A A${parts.map(([space, text]) => `${space}${text}`).join('')}`.replaceAll('\n', ' '));

const line: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: anyRule },
  fc.constantFrom('*nat', '*filter', '* raw', 'COMMIT', ':A - [0:0]', ':INPUT ACCEPT [1:2]', '# x', '', '...', '-N A'),
  fc.constantFrom(
    '$ iptables -t nat -S',
    '> *nat',
    '> -A A -j B',
    'Chain INPUT (policy ACCEPT)',
    '-P INPUT DROP',
    '-t nat -A A',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

/** Lines of all kinds. */
export const anyDump: fc.Arbitrary<string> = fc
  .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', '\n', '\r\n'), fc.boolean())
  .map(([lines, end, last]) => lines.join(end) + (last ? end : ''));

interface Damage {
  readonly at: number;
  readonly length: number;
  readonly by: string;
}

const damages: fc.Arbitrary<readonly Damage[]> = fc.array(
  fc.record({
    at: fc.nat(10_000),
    length: fc.nat(12),
    by: fc.oneof(word, blank, fc.constantFrom('\n', '\r', '"', '\\', '!'), fc.string({ unit: 'binary', maxLength: 4 })),
  }),
  { minLength: 1, maxLength: 5 },
);

/** A dump of the corpus with pieces of it replaced, moved or cut off. */
export const damagedDump: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom(...corpus), damages, fc.option(fc.nat(10_000)))
  .map(([text, changes, cut]) => {
    const damaged = changes.reduce((current, { at, length, by }) => {
      const place = at % (current.length + 1);
      return current.slice(0, place) + by + current.slice(place + length);
    }, text);
    return cut === null ? damaged : damaged.slice(0, cut % (damaged.length + 1));
  });
