import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { paint } from '../../src/cli/output/colors.ts';
import { printPlan } from '../../src/cli/output/print-plan.ts';
import { compile } from '../../src/core/compile/compile.ts';
import { printRules } from '../../src/core/compile/print-rules.ts';
import { splitSave } from '../../src/core/parse/iptables-save/split-save.ts';
import { printPlanDocument, type PlanDocument } from '../../src/core/plan/document/plan-document.ts';
import { readPlanDocument } from '../../src/core/plan/document/read-plan-document.ts';
import { fingerprint } from '../../src/core/plan/fingerprint.ts';
import { invertPlan } from '../../src/core/plan/invert-change.ts';
import { isPlannedChain } from '../../src/core/ruleset/owned-chains.ts';
import { planFamily } from '../../src/core/plan/plan-family.ts';
import type { Plan } from '../../src/core/plan/plan.ts';
import { summarizeFamily } from '../../src/core/plan/summarize-plan.ts';
import type { CompiledRules } from '../../src/core/ruleset/compiled-rules.ts';
import type { SavedRules } from '../../src/core/ruleset/saved-rules.ts';
import { snapshots } from '../support/arbitraries.ts';
import { CLUSTER_CIDR } from '../support/compiled.ts';
import { foreignDumps, withForeign } from '../support/foreign-rules.ts';
import { holds } from '../support/law.ts';
import { planOptions } from '../support/plan-options.ts';

function documentOf(current: SavedRules, desired: CompiledRules): PlanDocument {
  const family = planFamily(current, desired, planOptions);
  const canonical = (line: string): string => planOptions.canonical(line, desired.family);
  const sysctl = {
    key: 'net.ipv4.conf.all.route_localnet',
    previous: '0',
    next: '1',
    reason: 'nodePorts on 127.0.0.1',
  };
  return {
    node: 'node-a',
    variant: 'legacy',
    fingerprint: { [desired.family]: fingerprint(current) },
    plan: { families: [family], sysctls: [sysctl], nfacct: ['localhost_nps_accepted_pkts'] },
    summaries: [summarizeFamily(family, { current, desired, canonical })],
  };
}

const documents = fc
  .tuple(snapshots({ conflicts: true }), snapshots({ conflicts: true }), foreignDumps)
  .map(([a, b, foreign]) => {
    const [from] = compile(a, { config: CLUSTER_CIDR, node: 'node-a' }).rules;
    const [to] = compile(b, { config: CLUSTER_CIDR, node: 'node-a' }).rules;
    assert.ok(from !== undefined && to !== undefined);
    return documentOf(withForeign(printRules(from), foreign), to);
  });

/** What only the node knows is not kept. */
function withoutMissing(plan: Plan): unknown {
  return JSON.parse(JSON.stringify(plan));
}

describe('a plan file', () => {
  it('is read back beside a rule of others with a carriage return in its comment', () => {
    const [desired] = compile([], { config: CLUSTER_CIDR, node: 'node-a' }).rules;
    const foreign = '-A INPUT -m comment --comment "a\rb" -j ACCEPT\n';
    const { saved } = splitSave(`*filter\n:INPUT ACCEPT [0:0]\n${foreign}COMMIT\n`);
    const { plan, ...rest } = documentOf(saved, desired ?? assert.fail());
    for (const kept of [plan, invertPlan(plan, 'taken back')]) {
      const { document, diagnostics } = readPlanDocument(printPlanDocument({ ...rest, plan: kept }));
      assert.deepEqual(diagnostics, []);
      const changes = document?.plan.families.flatMap((family) => family.changes);
      const input = changes?.find(({ chain }) => chain === 'INPUT');
      assert.ok(
        input?.kind === 'edit-chain' && input.next.rules.includes(foreign) && input.previous.rules.includes(foreign),
      );
    }
  });

  it('is read back as the plan that it was', () => {
    const law = fc.property(documents, fc.boolean(), (document, inverted) => {
      const kept = inverted ? { ...document, plan: invertPlan(document.plan, 'taken back') } : document;
      const text = printPlanDocument(kept);
      const { document: read, diagnostics } = readPlanDocument(text);
      assert.deepEqual(diagnostics, []);
      assert.ok(read !== undefined);
      assert.deepEqual(withoutMissing(read.plan), withoutMissing(kept.plan));
      assert.deepEqual(read.summaries, kept.summaries);
      assert.equal(printPlanDocument(read), text);
      assert.deepEqual(readPlanDocument(JSON.parse(text)), { document: read, diagnostics: [] });
    });
    holds(law, { runs: 100 });
  });

  it('that is damaged is refused with reasons, or names our chains only, and never throws', () => {
    const damage = fc.record({ at: fc.nat(), value: fc.jsonValue({ maxDepth: 2 }) });
    const law = fc.property(documents, fc.array(damage, { minLength: 1, maxLength: 3 }), (document, damages) => {
      const damaged = damages.reduce<unknown>(
        (value, { at, value: other }) => replaced(value, at, other),
        JSON.parse(printPlanDocument(document)),
      );
      const { document: read, diagnostics } = readPlanDocument(damaged);
      assert.equal(read === undefined, diagnostics.length > 0);
      for (const { changes } of read?.plan.families ?? []) {
        for (const { table, chain } of changes) assert.ok(isPlannedChain(table, chain));
      }
    });
    holds(law, { runs: 300 });
  });

  it('that is cut is refused', () => {
    const law = fc.property(documents, fc.double({ min: 0, max: 0.999, noNaN: true }), (document, part) => {
      const text = printPlanDocument(document).trimEnd();
      const { document: read, diagnostics } = readPlanDocument(text.slice(0, Math.floor(text.length * part)));
      assert.equal(read, undefined);
      assert.equal(diagnostics.length, 1);
    });
    holds(law, { runs: 50 });
  });
});

/** The value with one of its parts, the `at`th in the order of the text, replaced by another. */
function replaced(value: unknown, at: number, other: unknown): unknown {
  let parts = 0;
  const count = (v: unknown): void => {
    parts += 1;
    if (typeof v === 'object' && v !== null) Object.values(v).forEach(count);
  };
  count(value);
  let left = at % parts;
  const visit = (v: unknown): unknown => {
    if (left-- === 0) return other;
    if (Array.isArray(v)) return v.map(visit);
    if (typeof v !== 'object' || v === null) return v;
    return Object.fromEntries(Object.entries(v).map(([key, part]) => [key, visit(part)]));
  };
  return visit(value);
}

const WORDS = [
  '-A',
  'KUBE-SERVICES',
  'KUBE-SVC-AAAAAAAAAAAAAAAA',
  'KUBE-SEP-AAAAAAAAAAAAAAAA',
  'KUBE-FIREWALL',
  'PREROUTING',
  'INPUT',
  'DOCKER',
  '-j',
  '-g',
  '-p',
  'tcp',
  '--dport',
  '80',
  '-d',
  '10.0.0.1/32',
  '!',
  '-m',
  'comment',
  '--comment',
  '"a/b:c cluster IP"',
  '"',
  '\\',
  '[1:2]',
  'COMMIT',
  '*nat',
  '*filter',
  '*mangle',
  ':KUBE-SERVICES',
  ':KUBE-FIREWALL',
  ':PREROUTING',
  '-',
  'ACCEPT',
  '[0:0]',
  '\u0000',
  '\u2028',
  '"x\\"',
];

describe('a hostile dump', () => {
  it('never makes the planner throw, nor name chains that are not ours', () => {
    const line = fc.array(fc.constantFrom(...WORDS), { maxLength: 12 }).map((words) => words.join(' '));
    const dump = fc.array(line, { maxLength: 30 }).map((lines) => `*nat\n${lines.join('\n')}\n`);
    const rules = compile([], { config: CLUSTER_CIDR, node: 'node-a' }).rules;
    const law = fc.property(dump, (text) => {
      const current = splitSave(text).saved;
      for (const desired of rules) {
        const document = documentOf(current, desired);
        for (const { changes } of document.plan.families) {
          for (const { table, chain } of changes) assert.ok(isPlannedChain(table, chain), `${table} ${chain}`);
        }
        const { plan, summaries } = document;
        const told = printPlan({ plan, summaries }, { diff: true, verbose: true, paint: paint(false) });
        assert.doesNotMatch(told, /[\u0000-\u0009\u000b-\u001f\u2028]/);
        invertPlan(plan, 'back');
      }
    });
    holds(law, { runs: 500 });
  });
});
