import assert from 'node:assert/strict';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';

/** Eight times the text may take so many times the time: room for a busy machine, half of quadratic (64). */
const MOST_GROWTH = 32;
/** What else the machine does spoils one measurement; nothing spoils all, and quadratic time shows in each. */
const TRIES = 4;
const SMALL = 40_000;
/** Below this a measurement says nothing. */
const FLOOR_MS = 4;

/** Milliseconds of processor time: what other processes do hardly shows in it. */
function bestOf(rounds: number, text: string): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const start = process.cpuUsage();
    parseIptablesSave(text);
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}

function assertLinear(sized: (length: number) => string, where: string): void {
  let told = '';
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const [small, large] = [bestOf(5, sized(SMALL)), bestOf(2, sized(SMALL * 8))];
    if (large / Math.max(small, FLOOR_MS) < MOST_GROWTH) return;
    told = `${where}: ${small.toFixed(1)} ms, eight times as long ${large.toFixed(1)} ms`;
  }
  assert.fail(told);
}

/** What could make a reader go over the same text again and again. */
const PATTERNS: Readonly<Record<string, string>> = {
  quotes: '"',
  'escaped quotes': '\\"',
  backslashes: '\\',
  bangs: '! ',
  dashes: '-',
  'dashes and blanks': '- ',
  blanks: ' ',
  tabs: '\t',
  'a long word': 'a',
  'matches that nobody knows': '-m x --y ',
  'matches that are known': '-m tcp --dport 1 ',
  'options without a match': '--zz ',
  'beginnings of options': '-p tcp --d ',
  'open addresses': '-s 1.',
  colons: ':',
  'ports of addresses': '-j DNAT --to-destination [::',
  commas: '-m conntrack --ctstate NEW,',
  prompts: '$ ',
  'prompts with paths': '$ /usr/',
  'commands with tables': 'iptables -t ',
  carets: '> ',
  stars: '*',
  'log lines': 'TRACE: a:b:',
  'escaped line ends': '\\n*a',
  brackets: '[0:0] ',
  'carriage returns': '\r',
  'lines of carets': '> -A A\n',
  'empty lines': '\n',
  'loose rules': '-A A -j B\n',
  'loose rules of many chains': '-A A -j B\n-A B -j A\n',
  'open tables': '*nat\n',
  'chains twice': ':A - [0:0]\n',
  'bad lines': '-X\n',
  'bad rules': '-A A -j\n',
  'open quotes': '-A A "\n',
};

const SURROUNDINGS: Readonly<Record<string, (body: string) => string>> = {
  'as the whole text': (body) => body,
  'as a rule': (body) => `*nat\n-A A ${body}\nCOMMIT\n`,
  'in quotes': (body) => `*nat\n-A A -m comment --comment "${body}" -j B\nCOMMIT\n`,
  'in a table': (body) => `*nat\n${body}\nCOMMIT\n`,
};

describe('the time to read a dump grows with its length', () => {
  for (const [name, pattern] of Object.entries(PATTERNS)) {
    it(name, function () {
      this.timeout(60_000);
      for (const [where, surround] of Object.entries(SURROUNDINGS)) {
        assertLinear((length) => surround(pattern.repeat(Math.ceil(length / pattern.length))), where);
      }
    });
  }

  it('jumps from many chains to many chains', function () {
    this.timeout(60_000);
    const rules = (count: number): string =>
      Array.from({ length: count }, (_, i) => `-A C${i % 500} -j D${i}\n`).join('');
    assertLinear((length) => rules(Math.ceil(length / 20)), 'in no table');
  });
});
