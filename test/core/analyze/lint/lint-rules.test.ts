import assert from 'node:assert/strict';
import { lint, isAtLeast } from '../../../../src/core/analyze/lint/lint.ts';
import { lintRules } from '../../../../src/core/analyze/lint/lint-rules.ts';
import { codes } from '../../../../src/core/diag/codes.ts';
import { parseIptablesSave } from '../../../../src/core/parse/iptables-save/parse-iptables-save.ts';

const TEXT = `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:KUBE-FIREWALL - [0:0]
:KUBE-FORWARD - [0:0]
-A INPUT -j KUBE-FIREWALL
-A OUTPUT -j KUBE-FIREWALL
-A FORWARD -j KUBE-FORWARD
-A KUBE-FIREWALL -j DROP
-A KUBE-FORWARD -j ACCEPT
COMMIT
`;
const dump = { file: 'a.txt', ...parseIptablesSave(TEXT, { file: 'a.txt' }) };

describe('lint rules', () => {
  it('are many, sorted, and each has a code of its own that no diagnostic has', () => {
    const own = lintRules.map(({ code }) => code);
    assert.ok(own.length >= 30, String(own.length));
    assert.deepEqual(own, [...new Set(own)].sort());
    for (const code of own) {
      assert.match(code, /^[a-z0-9]+(?:-[a-z0-9]+)+$/);
      assert.ok(!Object.hasOwn(codes, code), code);
    }
  });

  it('say in whole sentences what must hold, why, and what to do', () => {
    for (const { code, title, holds, why, fix } of lintRules) {
      assert.doesNotMatch(title, /\.$/, code);
      for (const text of [holds, why, fix]) assert.match(text, /^[A-Za-z"].{10,}[.)]$/s, `${code}: ${text}`);
      assert.ok(why.length > 60, `${code}: ${why}`);
    }
  });

  it('name reports by repository and number', () => {
    for (const { code, issues } of lintRules) {
      for (const issue of issues) assert.match(issue, /^[\w.-]+\/[\w.-]+#\d+$/, code);
      assert.equal(new Set(issues).size, issues.length, code);
    }
  });
});

describe('lint', () => {
  it('gives findings with severity and advice of their rule, errors first, then by line', () => {
    const findings = lint({ dumps: [dump] });
    const places = findings.map(({ severity, code, place }) => [severity, code, place?.chain, place?.line]);
    assert.deepEqual(places, [
      ['error', 'firewall-drops-all', 'KUBE-FIREWALL', 10],
      ['error', 'forward-mark-lost', 'KUBE-FORWARD', 11],
    ]);
    assert.equal(findings[0]?.place?.text, '-A KUBE-FIREWALL -j DROP');
    assert.equal(findings[0]?.fix, lintRules.find(({ code }) => code === 'firewall-drops-all')?.fix);
    assert.deepEqual(
      findings[0]?.related.map(({ line }) => line),
      [7, 8],
    );
  });

  it('does not ask rules that are ignored', () => {
    const found = lint({ dumps: [dump] }, { ignore: ['firewall-drops-all'] }).map(({ code }) => code);
    assert.deepEqual(found, ['forward-mark-lost']);
  });

  it('finds the same whatever the order of the dumps', () => {
    const other = { ...dump, file: 'b.txt' };
    assert.deepEqual(lint({ dumps: [dump, other] }), lint({ dumps: [other, dump] }));
  });

  it('concludes nothing from what a cut dump lacks', () => {
    const cut = TEXT.slice(0, TEXT.indexOf('-A KUBE-FIREWALL')).replaceAll('-A FORWARD -j KUBE-FORWARD\n', '');
    assert.deepEqual(lint({ dumps: [{ file: 'a.txt', ...parseIptablesSave(cut) }] }), []);
  });

  it('knows which severities count', () => {
    assert.ok(isAtLeast('error', 'warning') && isAtLeast('warning', 'warning') && isAtLeast('info', 'info'));
    assert.ok(!isAtLeast('info', 'warning') && !isAtLeast('warning', 'error'));
  });
});
