import assert from 'node:assert/strict';
import { paint } from '../../../src/cli/output/colors.ts';
import { printReport } from '../../../src/cli/output/print-report.ts';
import { diagnose, type Diagnostic } from '../../../src/core/diag/diagnostic.ts';

const plain = { paint: paint(false) };

function noteOn(name: string): Diagnostic {
  return diagnose('defaults-applied', { message: 'type', subject: { kind: 'Service', namespace: 'default', name } });
}

describe('printReport', () => {
  const error = diagnose('yaml-syntax', {
    message: 'bad',
    location: { file: 'a.yaml', line: 2, column: 3, excerpt: '2 | x\n      ^' },
    hint: 'fix it',
  });
  const warning = diagnose('endpoints-missing', {
    message: 'none',
    location: { file: 'b.yaml', line: 1 },
    subject: { kind: 'Service', namespace: 'default', name: 'web' },
  });
  const notes = Array.from({ length: 8 }, (_, i) => noteOn(`s${i}`));

  it('prints nothing for nothing', () => {
    assert.equal(printReport([], plain), '');
  });

  it('prints errors first, one line each, with place, subject, hint, excerpt and a sum', () => {
    assert.equal(
      printReport([noteOn('a'), warning, error], plain),
      [
        'error[yaml-syntax] a.yaml:2:3: bad (hint: fix it)',
        '  2 | x',
        '        ^',
        'warning[endpoints-missing] b.yaml:1: Service default/web: none',
        'info[defaults-applied] Service default/a: type',
        '1 error, 1 warning, 1 note; chainsmith explain CODE tells more',
        '',
      ].join('\n'),
    );
  });

  it('folds many notes of one code, unless told not to, and never errors', () => {
    const folded = printReport(notes, plain).split('\n');
    assert.equal(folded[5], '... and 3 more info[defaults-applied] (-v shows all)');
    assert.equal(folded[6], '8 notes; chainsmith explain CODE tells more');
    assert.equal(printReport(notes, { ...plain, verbose: true }).split('\n').length, 10);
    const errors = notes.map((d, i) => diagnose('invalid-name', { message: `${d.message} ${i}` }));
    assert.equal(printReport(errors, plain).split('\n').length, 10);
  });

  it('prints errors only if quiet', () => {
    assert.equal(printReport([warning, ...notes], { ...plain, quiet: true }), '');
    assert.match(printReport([warning, error], { ...plain, quiet: true }), /^error.*\n.*\n.*\n1 error;/);
  });

  it('does not let a file name or an excerpt reach the terminal as control codes', () => {
    const evil = diagnose('yaml-syntax', { message: 'x', location: { file: 'a\u001b[2J', excerpt: '1 | \u001b]0;x' } });
    assert.ok(!printReport([evil], plain).includes('\u001b'));
  });

  it('paints severities', () => {
    assert.match(printReport([error], { paint: paint(true) }), /^\u001b\[1m\u001b\[31merror\[yaml-syntax\]/);
  });
});
