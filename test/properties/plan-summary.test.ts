import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { compile } from '../../src/core/compile/compile.ts';
import { printRules } from '../../src/core/compile/print-rules.ts';
import { planFamily } from '../../src/core/plan/plan-family.ts';
import type { FamilyPlan } from '../../src/core/plan/plan.ts';
import { summarizeFamily } from '../../src/core/plan/summarize-plan.ts';
import type { FamilySummary, SummaryItem } from '../../src/core/plan/summary/summary.ts';
import type { CompiledRules } from '../../src/core/ruleset/compiled-rules.ts';
import { proxyConfigs, snapshots } from '../support/arbitraries.ts';
import { foreignDumps, withForeign, type ForeignDump } from '../support/foreign-rules.ts';
import { holds } from '../support/law.ts';
import { planOptions } from '../support/plan-options.ts';

interface Told {
  readonly plan: FamilyPlan;
  readonly summary: FamilySummary;
  /** The rules before and after, as texts. */
  readonly before: string;
  readonly after: string;
}

function tell(before: CompiledRules, after: CompiledRules, foreign: ForeignDump): Told {
  const current = withForeign(printRules(before), foreign);
  const plan = planFamily(current, after, planOptions);
  const canonical = (line: string): string => planOptions.canonical(line, after.family);
  const summary = summarizeFamily(plan, { current, desired: after, canonical });
  return { plan, summary, before: printRules(before), after: printRules(after) };
}

const NO_FOREIGN: ForeignDump = { before: [], behind: [], docker: [], damage: [], leadsTo: undefined };

const pairs = fc.tuple(
  snapshots({ conflicts: true, explicit: true }),
  snapshots({ conflicts: true, explicit: true }),
  fc.tuple(proxyConfigs, proxyConfigs),
);

function toldOf(
  [a, b, configs]: readonly [readonly unknown[], readonly unknown[], readonly [unknown, unknown]],
  foreign: ForeignDump,
): Told[] {
  const [from, to] = [a, b].map((documents, i) => compile(documents, { config: configs[i], node: 'node-a' }).rules);
  return (to ?? []).flatMap((after, i) => {
    const before = from?.[i];
    return before === undefined ? [] : [tell(before, after, foreign)];
  });
}

const LISTS = /^-A KUBE-(?:SERVICES|NODEPORTS|EXTERNAL-SERVICES|PROXY-FIREWALL) .*--comment "([\w.-]+\/[\w.:-]+)[ "]/gm;

/** The service ports that rules for frontends name. */
function servicesIn(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(LISTS)].map((match) => match[1] ?? ''));
}

function namesOf(items: readonly SummaryItem[], change: SummaryItem['change']): readonly string[] {
  return items.filter((item) => item.kind === 'service' && item.change === change).map(({ name }) => name);
}

interface Choice {
  readonly chains: ReadonlySet<string>;
  /** `address:port` */
  readonly endpoints: ReadonlySet<string>;
}

/** The KUBE-SVC (or KUBE-SVL) chains of a service port and the endpoints that they lead to. */
function choiceOf(text: string, service: string, prefix: string): Choice {
  const chains = new Set<string>();
  const endpoints = new Set<string>();
  for (const line of text.split('\n')) {
    const [, name = '', owner, endpoint = ''] = /^-A (\S+) .*--comment "(\S+) -> (\S+)"/.exec(line) ?? [];
    if (!name.startsWith(prefix) || owner !== service) continue;
    chains.add(name);
    endpoints.add(endpoint);
  }
  return { chains, endpoints };
}

describe('the summary of a plan', () => {
  it('accounts for every change, and for nothing else', () => {
    const law = fc.property(pairs, foreignDumps, (pair, foreign) => {
      for (const { plan, summary } of toldOf(pair, foreign)) {
        const changed = new Set(plan.changes.map(({ table, chain }) => `${table}/${chain}`));
        const told = new Set(summary.items.flatMap(({ chains }) => chains));
        assert.deepEqual([...told].sort(), [...changed].sort());
        for (const { details, name } of summary.items) {
          assert.ok(details.length > 0 && details.every((text) => text !== ''), `nothing is said of ${name}`);
        }
      }
    });
    holds(law, { runs: 150 });
  });

  it('tells new and old service ports apart, and counts their endpoints', () => {
    const law = fc.property(pairs, (pair) => {
      for (const { summary, before, after } of toldOf(pair, NO_FOREIGN)) {
        const [old, now] = [servicesIn(before), servicesIn(after)];
        assert.deepEqual(namesOf(summary.items, 'add'), [...now].filter((name) => !old.has(name)).sort());
        assert.deepEqual(namesOf(summary.items, 'remove'), [...old].filter((name) => !now.has(name)).sort());
        for (const { kind, change, name, details } of summary.items) {
          if (kind !== 'service' || change !== 'change') continue;
          for (const [noun, prefix] of NOUNS) {
            checkEndpoints(details.join('; '), noun, choiceOf(before, name, prefix), choiceOf(after, name, prefix));
          }
        }
      }
    });
    holds(law, { runs: 150 });
  });
});

const NOUNS = [
  ['endpoint', 'KUBE-SVC-'],
  ['local endpoint', 'KUBE-SVL-'],
] as const;

function checkEndpoints(text: string, noun: string, old: Choice, now: Choice): void {
  // A port that keeps its name and changes its protocol has other chains: then all endpoints go, and all come.
  if (new Set([...old.chains, ...now.chains]).size > 1) return;
  const [before, after] = [old.endpoints, now.endpoints];
  const added = [...after].filter((endpoint) => !before.has(endpoint)).length;
  const removed = [...before].filter((endpoint) => !after.has(endpoint)).length;
  const count = (what: string): number =>
    Number(new RegExp(`(?<![\\w-])(\\d+) ${noun}s? ${what} \\(`).exec(text)?.[1] ?? 0);
  const replaced = count('replaced');
  assert.deepEqual([count('added') + replaced, count('removed') + replaced], [added, removed], `${noun}s in: ${text}`);
  if (before.size !== after.size) {
    const share = (size: number): string => (size === 0 ? 'none' : `1/${size}`);
    assert.ok(text.includes(`shares ${share(before.size)} -> ${share(after.size)}`), text);
  }
}
