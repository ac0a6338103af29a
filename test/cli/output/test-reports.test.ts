import assert from 'node:assert/strict';
import { paint } from '../../../src/cli/output/colors.ts';
import { printJunit } from '../../../src/cli/output/print-junit.ts';
import { printTap } from '../../../src/cli/output/print-tap.ts';
import { printTestSummary, printTestText } from '../../../src/cli/output/print-test-text.ts';
import type { CaseReport, CheckReport, TestReport } from '../../../src/cli/output/test-report.ts';
import { textDiff } from '../../../src/cli/output/text-diff.ts';
import { diagnose } from '../../../src/core/diag/diagnostic.ts';
import { parseTap } from '../../support/tap.ts';
import { parseXml, type XmlElement } from '../../support/xml.ts';

const HOSTILE = 'a <b> & "c" \u0007\u001b[31m #d \\ e\ud800\ufffe ]]> \n  ... \'f\' é';

function check(parts: Partial<CheckReport>): CheckReport {
  return { kind: 'file', name: 'iptables.rules', place: 't/x/iptables.rules', fault: undefined, details: [], ...parts };
}

function caseOf(parts: Partial<CaseReport>): CaseReport {
  return { name: 'x', checks: [], errors: [], notes: [], written: [], ...parts };
}

const REPORT: TestReport = {
  cases: [
    caseOf({ name: 'fine', checks: [check({}), check({ kind: 'flow', name: 'flow "f"' })] }),
    caseOf({
      name: HOSTILE,
      checks: [check({ fault: HOSTILE, details: [HOSTILE, '', ' --- ', '  ...'], name: HOSTILE })],
    }),
    caseOf({
      name: 'wrong',
      checks: [check({})],
      errors: [diagnose('test-unknown-key', { message: HOSTILE, location: { file: HOSTILE, line: 3 } })],
    }),
  ],
};

function all(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.flatMap((child) => [...(child.name === name ? [child] : []), ...all(child, name)]);
}

describe('reports of chainsmith test', () => {
  it('are well-formed JUnit XML with sums that are right, whatever the texts are', () => {
    const root = parseXml(printJunit(REPORT, HOSTILE));
    assert.equal(root.name, 'testsuites');
    const suites = root.children;
    assert.deepEqual(new Set(suites.map(({ name }) => name)), new Set(['testsuite']));
    for (const [key, what] of [
      ['tests', 'testcase'],
      ['failures', 'failure'],
      ['errors', 'error'],
    ] as const) {
      assert.equal(root.attributes[key], String(all(root, what).length), key);
      for (const suite of suites) assert.equal(suite.attributes[key], String(all(suite, what).length), key);
    }
    assert.deepEqual(
      [root.attributes['tests'], root.attributes['failures'], root.attributes['errors']],
      ['5', '1', '1'],
    );
    assert.equal(all(root, 'failure')[0]?.attributes['message']?.startsWith('a <b> & "c" '), true);
    assert.equal(all(root, 'error')[0]?.attributes['type'], 'test-unknown-key');
    for (const one of all(root, 'testcase')) assert.ok(one.attributes['classname'] !== undefined);
    assert.ok(!JSON.stringify(root).includes('"time"'));
  });

  it('are TAP 14 with a subtest per case, whatever the texts are', () => {
    const points = parseTap(printTap(REPORT));
    assert.deepEqual(
      points.map(({ ok, subtests }) => [ok, subtests.map((one) => one.ok)]),
      [
        [true, [true, true]],
        [false, [false]],
        [false, [true, false]],
      ],
    );
    assert.equal(points[0]?.description, 'fine');
    const plain = HOSTILE.replaceAll(/[\u0000-\u001f\ud800\ufffe]/g, '\ufffd');
    assert.equal(points[1]?.description, plain);
    assert.deepEqual(points[1]?.subtests[0]?.yaml, {
      message: `t/x/iptables.rules: ${plain}`,
      details: [plain, '', ' --- ', '  ...'].join('\n'),
    });
  });

  it('are text that a terminal can take, with a sum', () => {
    const text = printTestText(REPORT, { quiet: false, verbose: false, paint: paint(false) });
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f]/u);
    assert.match(text, /^ok {4}fine: 1 file, 1 flow$/m);
    assert.match(text, /^ERROR wrong: 1 file$/m);
    assert.equal(printTestSummary(REPORT), '3 cases: 1 passes, 1 fails, 1 with errors; 3 files and 1 flow checked\n');
    const quiet = printTestText(REPORT, { quiet: true, verbose: false, paint: paint(false) });
    assert.doesNotMatch(quiet, /fine/);
  });

  it('have unified diffs, which end where they would say nothing', () => {
    assert.deepEqual(textDiff('a\nb\n', 'a\nb\n', 'f'), []);
    assert.deepEqual(textDiff('a\nb\n', 'a\nc\n', 'f'), [
      '--- expected f',
      '+++ compiled f',
      '@@ -1,2 +1,2 @@',
      ' a',
      '-b',
      '+c',
    ]);
    assert.deepEqual(textDiff('a', 'a\n', 'f').slice(2), [
      '@@ -1,1 +1,1 @@',
      '-a',
      '\\ No newline at end of file',
      '+a',
    ]);
    const many = (sign: string): string => Array.from({ length: 3000 }, (_, i) => `${sign}${i}\n`).join('');
    assert.deepEqual(textDiff(`same\n${many('a')}`, `same\n${many('b')}`, 'f').slice(2), [
      '@@ -2 +2 @@',
      '-a0',
      '+b0',
      'too many differences to show more: 3001 lines expected, 3001 compiled',
    ]);
    assert.deepEqual(textDiff('', many('b'), 'f').slice(2), [
      '@@ -1 +1 @@',
      '-',
      '+b0',
      'too many differences to show more: 0 lines expected, 3000 compiled',
    ]);
  });
});
