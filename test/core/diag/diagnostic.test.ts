import { strict as assert } from 'node:assert';
import { codes } from '../../../src/core/diag/codes.ts';
import {
  compareDiagnostics,
  diagnose,
  hasErrors,
  printSubject,
  sortDiagnostics,
} from '../../../src/core/diag/diagnostic.ts';

describe('diagnose', () => {
  it('takes the severity from the code, and leaves out what is not given', () => {
    assert.deepEqual(diagnose('no-services', { message: 'none', hint: undefined, subject: undefined }), {
      code: 'no-services',
      severity: 'warning',
      message: 'none',
    });
  });

  it('keeps messages and hints on one line, free of control codes', () => {
    const { message, hint } = diagnose('invalid-name', { message: 'a\nb\u001b[31m\u2028', hint: 'x\ty\u0000' });
    assert.equal(message, 'a\\u000ab\\u001b[31m\\u2028');
    assert.equal(hint, 'x\\u0009y\\u0000');
  });

  it('prints subjects, whatever their names hold', () => {
    assert.equal(printSubject({ kind: 'Service', namespace: 'shop', name: 'web' }), 'Service shop/web');
    assert.equal(printSubject({ kind: 'Node', name: 'a\nb' }), 'Node a\\u000ab');
  });
});

describe('sortDiagnostics', () => {
  const make = (code: 'no-services' | 'invalid-name' | 'node-unknown', name: string, message = 'm') =>
    diagnose(code, { message, subject: { kind: 'Service', namespace: 'shop', name } });

  it('puts errors first, then goes by code, subject and text', () => {
    const a = make('invalid-name', 'b');
    const b = make('no-services', 'a', 'm1');
    const c = make('no-services', 'a', 'm2');
    const d = make('node-unknown', 'a');
    assert.deepEqual(sortDiagnostics([d, c, b, a]), [a, b, c, d]);
    assert.deepEqual(sortDiagnostics([a, b, c, d]), [a, b, c, d]);
  });

  it('says each once, and keeps those that differ in their place', () => {
    const at = (line: number) => diagnose('no-services', { message: 'm', location: { file: 'a.yaml', line } });
    assert.deepEqual(sortDiagnostics([at(2), at(1), at(2)]), [at(1), at(2)]);
    assert.notEqual(compareDiagnostics(at(1), at(2)), 0);
  });

  it('does not change its input', () => {
    const list = [make('node-unknown', 'a'), make('invalid-name', 'b')];
    sortDiagnostics(list);
    assert.equal(list[0]?.code, 'node-unknown');
  });

  it('tells whether there are errors', () => {
    assert.equal(hasErrors([make('no-services', 'a')]), false);
    assert.equal(hasErrors([make('no-services', 'a'), make('invalid-name', 'a')]), true);
  });
});

describe('codes', () => {
  for (const [code, { severity, title, explanation }] of Object.entries(codes)) {
    it(`${code} is a stable word with a title and an explanation`, () => {
      assert.match(code, /^[a-z]+(-[a-z]+)+$/u);
      assert.ok(['error', 'warning', 'info'].includes(severity));
      assert.match(title, /^\S.{5,79}[^.]$/u);
      assert.match(explanation, /^\S[^\n]{20,}\S$/u);
    });
  }
});
