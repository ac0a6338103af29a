import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { proxyConfigs, snapshots } from '../support/arbitraries.ts';
import { compiled } from '../support/compiled.ts';
import { holds } from '../support/law.ts';
import { readRules, targetOf, type TextChain } from '../support/rules-text.ts';

/**
 * Chains that every node has, with or without rules in them. kube-proxy asks for the canaries by name; nothing jumps there. All other
 * KUBE- chains must have a rule, and a rule that jumps to them.
 */
const SKELETON: readonly string[] = [
  'mangle KUBE-PROXY-CANARY',
  'filter KUBE-EXTERNAL-SERVICES',
  'filter KUBE-FIREWALL',
  'filter KUBE-FORWARD',
  'filter KUBE-NODEPORTS',
  'filter KUBE-PROXY-CANARY',
  'filter KUBE-PROXY-FIREWALL',
  'filter KUBE-SERVICES',
  'nat KUBE-MARK-MASQ',
  'nat KUBE-NODEPORTS',
  'nat KUBE-POSTROUTING',
  'nat KUBE-PROXY-CANARY',
  'nat KUBE-SERVICES',
];

const BUILT_IN: readonly string[] = [
  ...['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'].map((name) => `mangle ${name}`),
  ...['INPUT', 'FORWARD', 'OUTPUT'].map((name) => `filter ${name}`),
  ...['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'].map((name) => `nat ${name}`),
];

const id = (chain: TextChain): string => `${chain.table} ${chain.name}`;

function assertWellBuilt(text: string): void {
  const chains = readRules(text);
  const ids = chains.map(id);
  assert.equal(new Set(ids).size, ids.length, 'each chain is declared once');
  assert.deepEqual(
    ids.filter((name) => !name.includes(' KUBE-')),
    BUILT_IN,
  );
  for (const name of SKELETON) assert.ok(ids.includes(name), `${name} is there`);
  for (const table of ['mangle', 'filter', 'nat']) {
    const own = ids.filter((name) => name.startsWith(`${table} KUBE-`));
    assert.deepEqual(own, [...own].sort(), 'KUBE- chains are sorted by name');
  }
  const byId = new Map(chains.map((chain) => [id(chain), chain]));
  const jumps = new Set<string>();
  for (const chain of chains) {
    for (const rule of chain.rules) {
      const target = targetOf(rule);
      if (!target?.startsWith('KUBE-')) continue;
      const to = `${chain.table} ${target}`;
      jumps.add(to);
      assert.ok(byId.has(to), `no jump to a missing chain: ${rule}`);
      if (!SKELETON.includes(to)) assert.notEqual(byId.get(to)?.rules.length, 0, `no jump to an empty chain: ${rule}`);
    }
  }
  const needed = ids.filter((name) => name.includes(' KUBE-') && !SKELETON.includes(name));
  assert.deepEqual(
    needed.filter((name) => !jumps.has(name)),
    [],
    'no chain is unused',
  );
  assertNoLoop(byId);
}

/** The kernel refuses a table in which a chain leads back to itself. */
function assertNoLoop(byId: ReadonlyMap<string, TextChain>): void {
  const done = new Set<string>();
  const visit = (name: string, above: readonly string[]): void => {
    assert.ok(!above.includes(name), `no loop: ${[...above, name].join(' > ')}`);
    if (done.has(name)) return;
    const chain = byId.get(name);
    for (const rule of chain?.rules ?? []) {
      const target = targetOf(rule);
      if (target?.startsWith('KUBE-')) visit(`${chain?.table} ${target}`, [...above, name]);
    }
    done.add(name);
  };
  for (const name of byId.keys()) visit(name, []);
}

describe('structure', () => {
  it('has no dangling jump, no unused chain and no loop, whatever the Services', () => {
    const law = fc.property(snapshots({ conflicts: true }), proxyConfigs, fc.boolean(), (objects, config, nfacct) => {
      for (const text of compiled(objects, { config, nfacct }).texts) assertWellBuilt(text);
    });
    holds(law, { runs: 300 });
  });
});
