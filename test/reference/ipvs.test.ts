import { strict as assert } from 'node:assert';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { compile } from '../../src/core/compile/compile.ts';
import { printAddresses, printIpSets, printVirtualServers } from '../../src/core/compile/print-ipvs.ts';
import { printRules } from '../../src/core/compile/print-rules.ts';
import { isMapping } from '../../src/core/util/mapping.ts';
import { unifiedDiff } from '../support/golden-diff.ts';
import { goldenRoot } from '../support/golden-paths.ts';
import { readRules } from '../support/golden-rules.ts';

const root = join(goldenRoot, 'reference');
const cases = readdirSync(root)
  .filter((name) => existsSync(join(root, name, 'ipvs')))
  .sort();

/** The one chain whose rules kube-proxy writes in the random order of its Services. All others have few rules in a fixed order. */
const UNORDERED = 'KUBE-IPVS-OUT-FILTER';

/**
 * iptables-legacy-save prints a table as soon as its module is loaded, and whether mangle is, is chance: kube-proxy has nothing there. So
 * tables without rules and without chains of kube-proxy count for nothing.
 */
function comparableRules(text: string): string {
  const lines: string[] = [];
  for (const [table, chains] of [...readRules(text)].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const own = [...chains.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    if (own.every(({ policy, lines: rules }) => policy !== '-' && rules.length === 0)) continue;
    lines.push(`*${table}`);
    for (const { name, policy, lines: rules } of own) {
      lines.push(`:${name} ${policy}`, ...(name === UNORDERED ? rules.toSorted() : rules));
    }
  }
  return lines.join('\n');
}

/** Members and sets in any order: the kernel keeps both in hashes. */
function sortedLines(text: string): string {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .toSorted()
    .join('\n');
}

/** `3: kube-ipvs0    inet 10.96.1.1/32 scope global ...`: the number of the link is chance, the scope follows from the address. */
function comparableAddresses(text: string): string {
  return sortedLines(text.replaceAll(/^.*\binet6? (\S+).*$/gm, '$1'));
}

/**
 * Each of kube-proxy's two halves writes for itself, and one recording was taken before the half for IPv6 had written anything: its chains
 * are there and empty. There only what is there can be compared.
 */
function isUnfinished(save: string): boolean {
  return !/^-A KUBE-MARK-MASQ /m.test(save);
}

function assertSame(recorded: string, compiled: string, name: string): void {
  const diff = unifiedDiff(`${recorded}\n`, `${compiled}\n`, name);
  if (diff !== undefined) assert.fail(diff);
}

function compiledCase(name: string) {
  const own = join(root, name, 'config.yaml');
  const config = load(readFileSync(existsSync(own) ? own : join(root, 'default-config.yaml'), 'utf8'));
  assert.ok(isMapping(config));
  const snapshot: unknown = JSON.parse(readFileSync(join(root, name, 'snapshot.json'), 'utf8'));
  const { rules } = compile([snapshot], { config: { ...config, mode: 'ipvs' }, node: 'node-a' });
  assert.equal(rules.length, 2);
  return rules;
}

describe('what kube-proxy v1.36.2 programmed in ipvs mode', () => {
  it('is there: 39 cases', () => {
    assert.ok(cases.length >= 39, `only ${cases.length} cases in ${root}`);
  });

  for (const name of cases) {
    const recorded = (file: string): string => readFileSync(join(root, name, 'ipvs', file), 'utf8');
    const unfinished = isUnfinished(recorded('ip6tables.save'));

    it(name, () => {
      const rules = compiledCase(name);
      const finished = rules.filter(({ family }) => family === 'ipv4' || !unfinished);
      assertSame(sortedLines(recorded('ipvs.save')), sortedLines(printVirtualServers(rules)), `${name}/ipvs.save`);
      assertSame(sortedLines(recorded('ipset.save')), sortedLines(printIpSets(finished)), `${name}/ipset.save`);
      assertSame(comparableAddresses(recorded('kube-ipvs0.addr')), sortedLines(printAddresses(rules)), `${name}/addr`);
      for (const compiled of finished) {
        const file = compiled.family === 'ipv4' ? 'iptables.save' : 'ip6tables.save';
        assertSame(comparableRules(recorded(file)), comparableRules(printRules(compiled)), `${name}/${file}`);
      }
    });

    if (unfinished) {
      it(`${name}: IPv6 has what was written of it`, () => {
        const [, ipv6] = compiledCase(name);
        assert.ok(ipv6 !== undefined);
        const expected = new Set(comparableRules(printRules(ipv6)).split('\n'));
        const missing = comparableRules(recorded('ip6tables.save'))
          .split('\n')
          .filter((line) => !expected.has(line));
        assert.deepEqual(missing, []);
      });
    }
  }

  it('was recorded in full but for one case', () => {
    const unfinished = cases.filter((name) =>
      isUnfinished(readFileSync(join(root, name, 'ipvs', 'ip6tables.save'), 'utf8')),
    );
    assert.deepEqual(unfinished, ['loadbalancer-source-ranges-local']);
  });
});
