/** Laws of applies that were cut short, on a model of the kernel's tables: each table is an old one or a new one, as restores leave them. */
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { compile } from '../../src/core/compile/compile.ts';
import { printRules } from '../../src/core/compile/print-rules.ts';
import { canonicalRule } from '../../src/core/parse/iptables-save/canonical-rule.ts';
import { parseRule } from '../../src/core/parse/iptables-save/parse-rule.ts';
import { splitSave } from '../../src/core/parse/iptables-save/split-save.ts';
import { invertFamily } from '../../src/core/plan/invert-change.ts';
import { joinWaysBack } from '../../src/core/plan/join-ways-back.ts';
import { planFamily } from '../../src/core/plan/plan-family.ts';
import type { FamilyPlan, Plan } from '../../src/core/plan/plan.ts';
import { remainingChanges } from '../../src/core/plan/remaining-changes.ts';
import { restorePayload } from '../../src/core/plan/restore-payload.ts';
import type { CompiledChain, CompiledRules } from '../../src/core/ruleset/compiled-rules.ts';
import { printRule } from '../../src/core/ruleset/print-rule.ts';
import type { SavedRules } from '../../src/core/ruleset/saved-rules.ts';
import { proxyConfigs, snapshots } from '../support/arbitraries.ts';
import { foreignDumps, withForeign } from '../support/foreign-rules.ts';
import type { JsonObject } from '../support/json.ts';
import { holds } from '../support/law.ts';
import { planOptions } from '../support/plan-options.ts';
import { RestoreModel } from '../support/restore-model.ts';

type Cluster = readonly [readonly unknown[], JsonObject];

const cluster: fc.Arbitrary<Cluster> = fc.tuple(snapshots({ maxServices: 3 }), proxyConfigs);
/** Which tables an apply that was cut short had loaded. */
const loadedTables = fc.subarray(['nat', 'filter', 'mangle']);

function rulesOf([documents, config]: Cluster): readonly CompiledRules[] {
  return compile(documents, { config, node: 'node-a' }).rules;
}

function savedIn(node: RestoreModel): SavedRules {
  return splitSave(node.save()).saved;
}

function carryOut(node: RestoreModel, plan: FamilyPlan, only?: readonly string[]): void {
  const tables = restorePayload(plan.changes, { listFirst: false });
  node.load(tables.filter(({ table }) => only?.includes(table) ?? true));
}

function remainingOn(node: RestoreModel, plan: FamilyPlan): FamilyPlan {
  return remainingChanges(plan, savedIn(node), (line) => canonicalRule(line, plan.family));
}

function asPlan(family: FamilyPlan): Plan {
  return { families: [family], sysctls: [], nfacct: [] };
}

/** With each family of two clusters: what a node has, and the plan to the other. */
function eachPlan(
  from: Cluster,
  to: Cluster,
  foreign: Parameters<typeof withForeign>[1],
  check: (current: SavedRules, plan: FamilyPlan, desired: CompiledRules) => void,
): void {
  const old = rulesOf(from);
  for (const desired of rulesOf(to)) {
    const there = old.find(({ family }) => family === desired.family);
    const current = withForeign(there === undefined ? '' : printRules(there), foreign);
    check(current, planFamily(current, desired, planOptions), desired);
  }
}

/** How a user's template may print our jumps: each is the same rule to the kernel. */
const spellings = fc.constantFrom<readonly ((jump: string) => string)[]>(
  [(jump) => jump],
  [(jump) => jump.replace(/^(-A \S+)(.*)( -j \S+)$/, '$1$3$2')],
  [(jump) => jump.replace(/ -j (\S+)$/, ' --jump $1'), (jump) => `${jump} -m comment --comment "x y"`],
  [(jump) => jump.replaceAll(' -m comment', ' --match comment')],
  [(jump) => jump.replace('--ctstate NEW', '--ctstate=NEW').replace(' -m ', ' -s 0.0.0.0/0 -m ')],
);

function respelledJumps(chain: CompiledChain, spelling: readonly ((jump: string) => string)[]): CompiledChain {
  if (chain.policy !== 'ACCEPT') return chain;
  const lines = chain.rules.split('\n').slice(0, -1);
  const rules = lines.map((line, i) => (spelling[i % spelling.length] ?? String)(line));
  return { ...chain, rules: rules.map((line) => `${line}\n`).join('') };
}

/** What the kernel makes of a spelling: the dump has each rule as iptables-save prints it. */
function inKernelSpelling(node: RestoreModel, family: CompiledRules['family']): RestoreModel {
  const lines = node.save().split('\n');
  const printed = lines.map((line) => (line.startsWith('-A ') ? printRule(parseRule(line, family).rule) : line));
  return new RestoreModel(splitSave(printed.join('\n')).saved);
}

describe('what remains of a plan', () => {
  it('is all of it before, nothing after, and what is missing of one that was cut short; the way back leads back from anywhere', () => {
    const law = fc.property(cluster, cluster, foreignDumps, loadedTables, (from, to, foreign, loaded) => {
      eachPlan(from, to, foreign, (current, plan) => {
        const done = new RestoreModel(current);
        const before = done.save();
        assert.equal(remainingOn(done, plan).changes.length, plan.changes.length);
        carryOut(done, plan);
        assert.deepEqual(remainingOn(done, plan).changes, []);
        for (const end of ['new', 'old'] as const) {
          const node = new RestoreModel(current);
          carryOut(node, plan, loaded);
          const way = end === 'new' ? plan : invertFamily(plan, 'test');
          carryOut(node, remainingOn(node, way));
          assert.equal(node.save(), end === 'new' ? done.save() : before, `${end} after ${loaded.join()}`);
        }
      });
    });
    holds(law, { runs: 60 });
  });

  it('knows the rules that it wrote in the spelling of the node, whatever a template wrote', () => {
    const law = fc.property(cluster, cluster, foreignDumps, spellings, (from, to, foreign, spelling) => {
      eachPlan(from, to, foreign, (dump, _, wanted) => {
        const current = inKernelSpelling(new RestoreModel(dump), wanted.family);
        const desired = { ...wanted, chains: wanted.chains.map((chain) => respelledJumps(chain, spelling)) };
        const plan = planFamily(savedIn(current), desired, planOptions);
        const before = current.save();
        carryOut(current, plan);
        const after = inKernelSpelling(current, wanted.family);
        assert.deepEqual(remainingOn(after, plan).changes, []);
        assert.deepEqual(planFamily(savedIn(after), desired, planOptions).changes, []);
        const back = invertFamily(plan, 'test');
        assert.equal(remainingOn(after, back).changes.length, plan.changes.length);
        carryOut(after, remainingOn(after, back));
        const there = inKernelSpelling(after, wanted.family);
        assert.equal(there.save(), before);
        assert.deepEqual(remainingOn(there, back).changes, []);
      });
    });
    holds(law, { runs: 60 });
  });

  it('leads back over an apply that was cut short and the one that repaired it', () => {
    const law = fc.property(
      cluster,
      cluster,
      cluster,
      foreignDumps,
      loadedTables,
      (from, to, last, foreign, loaded) => {
        const wanted = rulesOf(last);
        eachPlan(from, to, foreign, (current, plan) => {
          const desired = wanted.find(({ family }) => family === plan.family);
          if (desired === undefined) return;
          const node = new RestoreModel(current);
          const before = node.save();
          carryOut(node, plan, loaded);
          const repair = planFamily(savedIn(node), desired, planOptions);
          carryOut(node, repair);
          const back = joinWaysBack(asPlan(invertFamily(plan, 'test')), asPlan(invertFamily(repair, 'test')));
          for (const family of back.families) carryOut(node, remainingOn(node, family));
          assert.equal(node.save(), before);
        });
      },
    );
    holds(law, { runs: 60 });
  });
});
