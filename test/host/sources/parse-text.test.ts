import assert from 'node:assert/strict';
import { parseText } from '../../../src/host/sources/parse-text.ts';
import type { ParsedText } from '../../../src/host/sources/parsed-text.ts';

/** The one diagnostic of a text, as `code line:column`. */
function faultOf(text: string): string {
  const { diagnostics } = parseText(text, 'f');
  assert.equal(diagnostics.length, 1, JSON.stringify(diagnostics));
  const [first] = diagnostics;
  return `${first?.code} ${first?.location?.line}:${first?.location?.column}`;
}

function hintOf(text: string): string {
  return parseText(text, 'f').diagnostics[0]?.hint ?? '';
}

function linesOf(parsed: ParsedText): (number | undefined)[] {
  assert.equal(parsed.documents.length, parsed.locations.length);
  return parsed.locations.map((l) => l.line);
}

describe('parseText: JSON', () => {
  it('reads one value', () => {
    assert.deepEqual(parseText('\n {"a": [1, "x", null]}', 'f').documents, [{ a: [1, 'x', null] }]);
    assert.deepEqual(linesOf(parseText('\n {"a": 1}', 'f')), [2]);
  });

  it('reads several values in a row, each with its line', () => {
    const parsed = parseText('{"a": "}{"}\n{"b": [\n1]} {"c": -1.5e3}\n', 'f');
    assert.deepEqual(parsed.documents, [{ a: '}{' }, { b: [1] }, { c: -1500 }]);
    assert.deepEqual(linesOf(parsed), [1, 2, 3]);
  });

  it('keeps the values before a broken one', () => {
    const parsed = parseText('{"a":1}\n{"b":}', 'f');
    assert.deepEqual(parsed.documents, [{ a: 1 }]);
    assert.equal(parsed.diagnostics[0]?.code, 'json-syntax');
  });

  it('says where it is wrong, with an excerpt', () => {
    assert.equal(faultOf('{\n  "a": 1\n  "b": 2\n}'), 'json-syntax 3:3');
    assert.equal(parseText('{\n  "a": 1\n  "b": 2\n}', 'f').diagnostics[0]?.location?.excerpt, '3 |   "b": 2\n      ^');
    assert.match(parseText('{"a": 1 "b": 2}', 'f').diagnostics[0]?.message ?? '', /found "b"$/);
    assert.equal(faultOf('{"a" 1}'), 'json-syntax 1:6');
    assert.equal(faultOf(`{'a': 1,,}`), 'json-syntax 1:2');
    assert.equal(faultOf('{"a": 1 // no\n}'), 'json-syntax 1:9');
    assert.equal(faultOf('{"a": "b\\q"}}'), 'json-syntax 1:9');
  });

  it('says that a text was cut off', () => {
    for (const text of ['{"items": [1, 2', '{"a": "x', '{"a"', '{"a": tru', '[', '{"a":1,', '{"a":\n']) {
      const [first] = parseText(text, 'f').diagnostics;
      assert.match(first?.message ?? '', /^the file ends inside/, text);
      assert.match(first?.hint ?? '', /cut short/, text);
    }
  });

  it('does not take {{ in a value of a dump that was cut off for Helm', () => {
    assert.equal(parseText('{"a": "{{ .x }}", "b": [', 'f').diagnostics[0]?.code, 'json-syntax');
  });

  it('takes YAML flow style for YAML', () => {
    assert.deepEqual(parseText('{a: 1, b: [x]}', 'f').documents, [{ a: 1, b: ['x'] }]);
    assert.deepEqual(parseText('{"a":1}\n---\n{"b":2}', 'f').documents, [{ a: 1 }, { b: 2 }]);
  });

  it('survives deep nesting', () => {
    assert.equal(parseText('['.repeat(100_000), 'f').diagnostics[0]?.code, 'json-syntax');
    assert.equal(parseText('{"a":'.repeat(100_000), 'f').diagnostics[0]?.code, 'json-syntax');
  });
});

describe('parseText: YAML', () => {
  it('reads values as kubectl does', () => {
    const text = 'a: on\nb: "on"\nc: 017\nd: 2020-01-01\ne: 12:30:45\nf: 1_000\ng: ~\nh: 1e3\ni: yes\nj: 10.0.0.1\n';
    assert.deepEqual(parseText(text, 'f').documents, [
      { a: true, b: 'on', c: 15, d: '2020-01-01', e: '12:30:45', f: 1000, g: null, h: 1000, i: true, j: '10.0.0.1' },
    ]);
  });

  it('reads merge keys and aliases', () => {
    const [document] = parseText('base: &b {x: 1}\nuse: {<<: *b, z: 2}\n', 'f').documents;
    assert.deepEqual(document, { base: { x: 1 }, use: { x: 1, z: 2 } });
  });

  it('gives each document the line where its content starts', () => {
    const text = '# top\n---\n# Source: chart/a.yaml\na: 1\n---\n---\n# none\n--- # c\nb: |\n  x\n   --- y\n...\n';
    const parsed = parseText(text, 'f');
    assert.deepEqual(parsed.documents, [{ a: 1 }, { b: 'x\n --- y\n' }]);
    assert.deepEqual(linesOf(parsed), [4, 9]);
  });

  it('reads directives, CRLF and content on the separator line', () => {
    assert.deepEqual(parseText('%YAML 1.2\n---\na: 1\n', 'f').documents, [{ a: 1 }]);
    assert.deepEqual(parseText('a: 1\r\n---\r\nb: x\r\n', 'f').documents, [{ a: 1 }, { b: 'x' }]);
    assert.deepEqual(parseText('a: 1\n--- {b: 2}\n', 'f').documents, [{ a: 1 }, { b: 2 }]);
    assert.deepEqual(parseText('a: x\n---y\n', 'f').documents.length, 0);
  });

  it('reads the documents around a broken one, and gives lines of the file', () => {
    const parsed = parseText('a: 1\n---\nb: c: d\n---\ne: 1\ne: 2\n---\nf: 1\n', 'f');
    assert.deepEqual(parsed.documents, [{ a: 1 }, { f: 1 }]);
    assert.deepEqual(
      parsed.diagnostics.map((d) => `${d.code} ${d.location?.line}:${d.location?.column}`),
      ['yaml-syntax 3:5', 'yaml-syntax 6:1'],
    );
    assert.equal(parsed.diagnostics[0]?.location?.excerpt, '3 | b: c: d\n        ^');
  });

  it('keeps the caret under its column where the line number grows', () => {
    const text = `${'#\n'.repeat(120)}---\nb: c: d\n`;
    assert.equal(parseText(text, 'f').diagnostics[0]?.location?.excerpt, '122 | b: c: d\n          ^');
  });

  it('has a hint for the usual slips', () => {
    assert.match(hintOf('a:\n\tb: 1\n'), /tabs/);
    assert.match(hintOf('a: 1\na: 2\n'), /twice/);
    assert.match(hintOf('<<<<<<< HEAD\na: 1\n'), /merge conflict/);
    assert.match(
      hintOf('# Generated by iptables-save\n*nat\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n'),
      /rules as iptables-save prints/,
    );
    assert.match(hintOf('a: "x\n'), /quote/);
    assert.match(hintOf('a: @x\n'), /quotes/);
    assert.match(hintOf('a: !Ref x\n'), /tags/);
    assert.match(hintOf('a: 1\nb:2\n'), /space is missing/);
    assert.match(hintOf('a: *x\n'), /anchors/);
  });

  it('knows an unrendered Helm template', () => {
    assert.equal(faultOf('a: b\n---\nname: {{ .Values.name }}\n'), 'helm-template 3:7');
    assert.equal(faultOf('{{- if .Values.x }}\na: 1\n{{- end }}\n'), 'helm-template 1:1');
    assert.match(hintOf('{{ x }}'), /helm template RELEASE CHART \| chainsmith compile -f -/);
  });

  it('lets {{ in a readable document alone', () => {
    assert.deepEqual(parseText('a: "{{ .x }}"\n', 'f').diagnostics, []);
  });

  it('refuses endless and exploding aliases, and deep nesting', () => {
    assert.match(parseText('a: &a [*a]\n', 'f').diagnostics[0]?.message ?? '', /alias of itself/);
    const bomb = Array.from({ length: 12 }, (_, i) => {
      const items = Array.from({ length: 10 }, () => (i === 0 ? '1' : `*k${i - 1}`)).join(',');
      return `k${i}: &k${i} [${items}]`;
    });
    assert.match(parseText(bomb.join('\n'), 'f').diagnostics[0]?.message ?? '', /multiply/);
    assert.equal(parseText(`a: ${'[ '.repeat(5000)}`, 'f').diagnostics[0]?.code, 'yaml-syntax');
    assert.equal(parseText('- '.repeat(50_000), 'f').diagnostics[0]?.code, 'yaml-syntax');
  });

  it('does not let a key reach the prototype', () => {
    parseText('__proto__: {polluted: true}\n', 'f');
    parseText('{"__proto__": {"polluted": true}}', 'f');
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  });

  it('reads on after the end of a document (...), and keeps what was before it', () => {
    const { documents, locations, diagnostics } = parseText(
      'a: 1\n...\n# c\nb: [\n... # d\nc: 1\n...\n---\nd: 1\n...\n',
      'f',
    );
    assert.deepEqual(documents, [{ a: 1 }, { c: 1 }, { d: 1 }]);
    assert.deepEqual(
      locations.map((l) => l.line),
      [1, 6, 9],
    );
    assert.deepEqual(
      diagnostics.map((d) => `${d.code} ${d.location?.line}`),
      ['yaml-syntax 5'],
    );
    assert.equal(parseText('a: 1\r\n...\r\nb: [\r\n', 'f').diagnostics[0]?.location?.line, 3);
  });

  it('reports a text without documents', () => {
    for (const text of ['', ' \n', '# only\n', '---\n', '---\n---\n# x\n', '~\n']) {
      assert.deepEqual(
        parseText(text, 'f').diagnostics.map((d) => d.code),
        ['no-objects'],
        JSON.stringify(text),
      );
    }
  });

  it('never throws on mangled text', () => {
    const base =
      'apiVersion: v1\nkind: Service\nmetadata: {name: "a", labels: {x: &l y}}\nspec:\n  ports:\n  - port: 80\n';
    const marks = [
      '{',
      '}',
      '[',
      '"',
      "'",
      '\t',
      ':',
      '- ',
      '---\n',
      '&',
      '*',
      '!',
      '%',
      '|',
      '>',
      '\r',
      '?',
      '\u0000',
      '\ud800',
    ];
    for (let at = 0; at < base.length; at++) {
      for (const mark of marks) parseText(base.slice(0, at) + mark + base.slice(at), 'f');
      parseText(base.slice(0, at), 'f');
    }
  });

  it('reads long streams as it reads their documents one by one', () => {
    const parts = [
      'a: 1\n',
      '# none\n',
      '~\n',
      'b: &x [1]\nc: *x\n',
      '{"j": 1}\n',
      'd: 1\n...\ne: 2\n',
      'f: g: h\n',
      'i: &y [*y]\n',
    ];
    for (const [i, odd] of parts.entries()) {
      const filler = Array.from({ length: 9 }, (_, n) => `n: ${n}\n`);
      const stream = [...filler, odd, ...filler];
      const one = stream.flatMap((part) => parseText(part, 'f').documents);
      const all = parseText(stream.join('---\n'), 'f');
      assert.deepEqual(all.documents, one, parts[i]);
      assert.equal(all.locations.at(-1)?.line, stream.join('---\n').split('\n').length - 1);
    }
  });

  it('reads thousands of documents and of errors', () => {
    const good = 'kind: Service\nmetadata:\n  name: a\n---\n'.repeat(5000);
    assert.equal(parseText(good, 'f').documents.length, 5000);
    assert.equal(parseText('a: b: c\n---\n'.repeat(5000), 'f').diagnostics.length, 5000);
  });
});
