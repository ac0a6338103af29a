import { strict as assert } from 'node:assert';
import { compile } from '../../src/core/compile/compile.ts';
import { printRules } from '../../src/core/compile/print-rules.ts';
import { unifiedDiff } from '../support/golden-diff.ts';
import { readRules, type RulesChain } from '../support/golden-rules.ts';
import { recordedConfig, recordedSnapshot, recordedText, referenceCases } from '../support/recordings.ts';

/** kube-proxy writes services here in random order, so these chains are multisets (golden/reference/README.md). */
const UNORDERED = new Set(['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-EXTERNAL-SERVICES', 'KUBE-PROXY-FIREWALL']);
const LAST = 'NOTE: this must be the last rule in this chain';

function comparableLines(chain: RulesChain): readonly string[] {
  if (!UNORDERED.has(chain.name)) return chain.lines;
  // The jumps to nodePorts stand behind all others. A rule behind them would never see a nodePort's packet: it is kept there.
  const first = chain.lines.findIndex((line) => line.includes(LAST));
  const services = first === -1 ? chain.lines : chain.lines.slice(0, first);
  const rest = first === -1 ? [] : chain.lines.slice(first);
  return [...services.toSorted(), ...(rest.every((line) => line.includes(LAST)) ? rest.toSorted() : rest)];
}

function comparable(text: string): string {
  const lines: string[] = [];
  for (const [table, chains] of [...readRules(text)].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    lines.push(`*${table}`);
    for (const chain of [...chains.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      lines.push(`:${chain.name} ${chain.policy}`, ...comparableLines(chain));
    }
  }
  return `${lines.join('\n')}\n`;
}

describe('what kube-proxy v1.36.2 programmed', () => {
  it('is there: 102 cases', () => {
    assert.ok(referenceCases.length >= 102, `only ${referenceCases.length} cases`);
  });

  for (const name of referenceCases) {
    it(name, () => {
      const config = recordedConfig(name);
      const snapshot = recordedSnapshot(name);
      const { rules } = compile([snapshot], { config, node: 'node-a', nfacct: true });
      assert.deepEqual(
        rules.map((r) => r.family),
        ['ipv4', 'ipv6'],
      );
      for (const compiled of rules) {
        const file = compiled.family === 'ipv4' ? 'iptables.save' : 'ip6tables.save';
        const recorded = comparable(recordedText(name, file));
        const diff = unifiedDiff(recorded, comparable(printRules(compiled)), `${name}/${file}`);
        if (diff !== undefined) assert.fail(diff);
      }
    });
  }

  it('keeps the nodePorts jump last: a rule behind it is a difference', () => {
    const first = '-A KUBE-SERVICES -d 10.0.0.1/32 -j KUBE-NODEPORTS';
    const last = `-A KUBE-SERVICES -m comment --comment "${LAST}" -j KUBE-NODEPORTS`;
    const table = (rules: readonly string[]): string =>
      comparable(`*nat\n:KUBE-SERVICES - [0:0]\n${rules.map((r) => `${r}\n`).join('')}COMMIT\n`);
    const second = first.replace('10.0.0.1', '10.0.0.2');
    assert.equal(table([second, first, last]), table([first, second, last]));
    assert.notEqual(table([first, last, second]), table([first, second, last]));
  });
});
