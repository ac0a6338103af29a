import assert from 'node:assert/strict';
import { paint } from '../../../src/cli/output/colors.ts';
import { printPlan } from '../../../src/cli/output/print-plan.ts';
import type { ChainChange, Plan } from '../../../src/core/plan/plan.ts';
import type { FamilySummary, SummaryItem } from '../../../src/core/plan/summary/summary.ts';

const plain = { diff: false, verbose: false, paint: paint(false) };

function service(name: string, change: SummaryItem['change'] = 'add'): SummaryItem {
  return { kind: 'service', change, name, details: ['10.96.0.10:80/tcp -> 1 endpoint'], chains: ['nat/KUBE-SERVICES'] };
}

function planOf(...changes: readonly ChainChange[]): Plan {
  return { families: [{ family: 'ipv4', changes, notes: [] }], sysctls: [], nfacct: [] };
}

function replaced(previous: string, next: string): ChainChange {
  const about = { table: 'nat', chain: 'KUBE-SVC-A', reason: 'has other rules' };
  return { ...about, kind: 'replace-chain', previous: { rules: previous }, next: { rules: next } };
}

const summaryOf = (...items: readonly SummaryItem[]): readonly FamilySummary[] => [{ family: 'ipv4', items }];
const one = replaced('-A KUBE-SVC-A -j RETURN\n', '-A KUBE-SVC-A -j DROP\n');

describe('printPlan', () => {
  it('says so where nothing is to do, and what is worth knowing all the same', () => {
    const plan: Plan = {
      families: [{ family: 'ipv4', changes: [], notes: ['a chain stays'] }],
      sysctls: [],
      nfacct: [],
    };
    assert.equal(
      printPlan({ plan, summaries: [] }, plain),
      'note: a chain stays\nNo changes. The node has these rules.\n',
    );
  });

  it('has signs, and counts at the end', () => {
    const items = [service('a/new'), service('a/old', 'remove'), service('a/web', 'change')];
    assert.equal(
      printPlan({ plan: planOf(one), summaries: summaryOf(...items) }, plain),
      [
        '  + a/new: 10.96.0.10:80/tcp -> 1 endpoint',
        '  - a/old: 10.96.0.10:80/tcp -> 1 endpoint',
        '  ~ a/web: 10.96.0.10:80/tcp -> 1 endpoint',
        '',
        'Plan for IPv4: 1 chain to replace',
        '',
      ].join('\n'),
    );
  });

  it('tells of settings and nfacct objects', () => {
    const sysctl = {
      key: 'net.ipv4.conf.all.route_localnet',
      previous: '0',
      next: '1',
      reason: 'nodePorts on 127.0.0.1',
    };
    const plan: Plan = { families: [], sysctls: [sysctl], nfacct: ['counter'] };
    assert.equal(
      printPlan({ plan, summaries: [] }, plain),
      [
        '  ~ net.ipv4.conf.all.route_localnet = 0 -> 1: nodePorts on 127.0.0.1',
        '  + nfacct counter',
        '',
        'Plan for the node: 1 kernel setting to change, 1 nfacct object to make',
        '',
      ].join('\n'),
    );
  });

  it('folds long lists, and -v unfolds them', () => {
    const items = Array.from({ length: 50 }, (_, i) => service(`a/s${i}`, i % 2 === 0 ? 'add' : 'change'));
    const view = { plan: planOf(one), summaries: summaryOf(...items) };
    const folded = printPlan(view, plain);
    assert.equal(folded.split('\n').filter((line) => line.startsWith('  + ') || line.startsWith('  ~ ')).length, 40);
    assert.ok(folded.includes('  ... and 10 more service ports: 5 new, 5 changed (-v shows all)\n'));
    assert.ok(!printPlan(view, { ...plain, verbose: true }).includes('more'));
  });

  it('shows rules before and after', () => {
    const text = printPlan({ plan: planOf(one), summaries: [] }, { ...plain, diff: true });
    assert.ok(
      text.includes(
        '--- nat KUBE-SVC-A\n+++ nat KUBE-SVC-A\n@@ -1,1 +1,1 @@\n--A KUBE-SVC-A -j RETURN\n+-A KUBE-SVC-A -j DROP\n',
      ),
      text,
    );
  });

  it('counts where a diff would say nothing', () => {
    const many = (target: string): string =>
      Array.from({ length: 3000 }, (_, i) => `-A KUBE-SVC-A -p ${i} -j ${target}\n`).join('');
    const text = printPlan(
      { plan: planOf(replaced(many('DROP'), many('RETURN'))), summaries: [] },
      { ...plain, diff: true },
    );
    assert.ok(text.includes('too many differences to show line by line: 3000 rules before, 3000 rules after\n'));
    assert.ok(text.length < 1000);
  });

  it('has colors where they are wanted, and never those of a dump', () => {
    const view = {
      plan: planOf(replaced('-A KUBE-SVC-A -j \u001b[31mX\n', '')),
      summaries: summaryOf(service('a/\u001b[31mweb')),
    };
    assert.ok(printPlan(view, { ...plain, paint: paint(true) }).includes('\u001b[32m+\u001b[39m'));
    assert.doesNotMatch(printPlan(view, { ...plain, diff: true }), /\u001b/);
  });
});
