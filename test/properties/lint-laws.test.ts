import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { lintSnapshot } from '../../src/cli/commands/lint-snapshot.ts';
import type { Finding } from '../../src/core/analyze/lint/finding.ts';
import { lint } from '../../src/core/analyze/lint/lint.ts';
import type { LintDump } from '../../src/core/analyze/lint/lint-input.ts';
import { parseConntrack } from '../../src/core/parse/conntrack/parse-conntrack.ts';
import { parseIptablesSave } from '../../src/core/parse/iptables-save/parse-iptables-save.ts';
import { proxyConfigs, snapshots } from '../support/arbitraries.ts';
import { compiled } from '../support/compiled.ts';
import { anyDump, damagedDump } from '../support/hostile-dumps.ts';
import { holds } from '../support/law.ts';

function asDump(text: string, file: string): LintDump {
  return { file, ...parseIptablesSave(text, { file }) };
}

/** About the snapshot or the configuration, and true of them. */
const MAY_BE_SO: ReadonlySet<string> = new Set([
  'source-ranges-bypassed',
  'no-cluster-masquerade',
  'hints-ignored',
  'only-terminating',
  'endpoint-in-two-slices',
  'family-without-endpoints',
]);

function falseAlarms(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ severity, code }) => severity !== 'info' && !MAY_BE_SO.has(code));
}

describe('lint', () => {
  it('finds nothing wrong with what chainsmith compiles, alone and against the snapshot', function () {
    this.timeout(120_000);
    const law = fc.property(snapshots({ explicit: true }), proxyConfigs, (objects, config) => {
      const options = { config, node: 'node-a' };
      const { texts } = compiled(objects, options);
      const dumps = texts.map((text, i) => asDump(text, i === 0 ? 'v4' : 'v6'));
      assert.deepEqual(falseAlarms(lint({ dumps })), []);
      const { snapshot } = lintSnapshot(objects, options);
      assert.deepEqual(falseAlarms(lint({ dumps, snapshot })), []);
    });
    holds(law, { runs: 300 });
  });

  it('takes every dump, with every other', function () {
    this.timeout(120_000);
    const law = fc.property(fc.oneof(damagedDump, anyDump), fc.oneof(damagedDump, anyDump), (one, other) => {
      const dumps = [asDump(one, 'one'), asDump(other, 'other')];
      const findings = lint({ dumps });
      assert.deepEqual(lint({ dumps: dumps.toReversed() }), findings);
      for (const { message, fix } of findings) assert.ok(message !== '' && !message.includes('\n') && fix !== '');
    });
    holds(law, { runs: 3000 });
  });

  it('takes every listing of connections', () => {
    const word = fc.constantFrom(
      'udp',
      '17',
      'src=10.0.0.1',
      'dst=10.96.0.53',
      'sport=1',
      'dport=53',
      '[UNREPLIED]',
      'src=',
      'x',
      'ipv4',
      '2',
    );
    const lines = fc.array(fc.array(fc.oneof(word, fc.string()), { maxLength: 14 }).map((words) => words.join(' ')));
    const law = fc.property(lines, (all) => {
      const text = all.join('\n');
      const { entries, diagnostics } = parseConntrack(text);
      const count = text.split('\n').length;
      for (const { line } of entries) assert.ok(line >= 1 && line <= count);
      for (const { location } of diagnostics) assert.ok(location !== undefined);
      lint({ dumps: [], conntrack: { file: 'x', entries } });
    });
    holds(law, { runs: 1000 });
  });
});
