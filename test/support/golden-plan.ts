/** Cases of golden/plan: what is to change on a node, and how it is told, kept and loaded; and plan files that must be refused. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { paint } from '../../src/cli/output/colors.ts';
import { printPlan } from '../../src/cli/output/print-plan.ts';
import { compile } from '../../src/core/compile/compile.ts';
import type { Diagnostic } from '../../src/core/diag/diagnostic.ts';
import { ipFamilies, type IpFamily } from '../../src/core/model/ip.ts';
import { splitSave } from '../../src/core/parse/iptables-save/split-save.ts';
import { printPlanDocument } from '../../src/core/plan/document/plan-document.ts';
import { readPlanDocument } from '../../src/core/plan/document/read-plan-document.ts';
import { fingerprint } from '../../src/core/plan/fingerprint.ts';
import { planFamily } from '../../src/core/plan/plan-family.ts';
import type { Plan } from '../../src/core/plan/plan.ts';
import { payloadText, restorePayload } from '../../src/core/plan/restore-payload.ts';
import { summarizeFamily } from '../../src/core/plan/summarize-plan.ts';
import type { CompiledRules } from '../../src/core/ruleset/compiled-rules.ts';
import type { SavedRules } from '../../src/core/ruleset/saved-rules.ts';
import { foldersIn, readCase } from './golden-case.ts';
import { diagnosticsText } from '../../src/cli/output/diagnostics-text.ts';
import { planOptions } from './plan-options.ts';

/** A dump per family that the node has; the case plans for these families. */
const DUMPS: Readonly<Record<IpFamily, string>> = { ipv4: 'current.v4.rules', ipv6: 'current.v6.rules' };
const PLAN_FILE = 'plan-file.json';

export const PLAN_INPUTS: readonly string[] = [
  'README.md',
  'input.yaml',
  'case.yaml',
  ...Object.values(DUMPS),
  PLAN_FILE,
];
export const PLAN_PRODUCED: readonly string[] = ['plan.txt', 'plan.json', 'restore.txt', 'diagnostics.txt'];

/** One family of a case. */
export interface PlannedFamily {
  readonly current: SavedRules;
  readonly desired: CompiledRules;
}

export interface PlanCaseOutput {
  readonly files: ReadonlyMap<string, string>;
  readonly families: readonly PlannedFamily[];
  readonly plan: Plan;
}

export function findPlanCases(root: string): readonly string[] {
  return foldersIn(root);
}

export function producePlan(root: string, name: string): PlanCaseOutput {
  const folder = join(root, name);
  const empty: Plan = { families: [], sysctls: [], nfacct: [] };
  if (existsSync(join(folder, PLAN_FILE))) {
    const { document, diagnostics } = readPlanDocument(readFileSync(join(folder, PLAN_FILE), 'utf8'), {
      file: PLAN_FILE,
    });
    const files = new Map([['diagnostics.txt', diagnosticsText(diagnostics)]]);
    return { files, families: [], plan: document?.plan ?? empty };
  }
  const { documents, options } = readCase(root, name);
  const given = ipFamilies.filter((family) => existsSync(join(folder, DUMPS[family])));
  const dumps = new Map(given.map((family) => [family, splitDump(folder, DUMPS[family])]));
  const compiled = compile(documents, { ...options, families: given });
  const families = compiled.rules.map((desired) => ({
    current: dumps.get(desired.family)?.saved ?? { tables: [] },
    desired,
  }));
  const diagnostics = [...compiled.diagnostics, ...[...dumps.values()].flatMap((dump) => dump.diagnostics)];
  return outputOf(families, diagnostics);
}

function splitDump(folder: string, file: string): ReturnType<typeof splitSave> {
  return splitSave(readFileSync(join(folder, file), 'utf8'), { file });
}

function outputOf(families: readonly PlannedFamily[], diagnostics: readonly Diagnostic[]): PlanCaseOutput {
  const plans = families.map(({ current, desired }) => planFamily(current, desired, planOptions));
  const summaries = families.map(({ current, desired }, i) => {
    const canonical = (line: string): string => planOptions.canonical(line, desired.family);
    const plan = plans[i] ?? { family: desired.family, changes: [], notes: [] };
    return summarizeFamily(plan, { current, desired, canonical });
  });
  const plan: Plan = { families: plans, sysctls: [], nfacct: [] };
  const prints = Object.fromEntries(families.map(({ current, desired }) => [desired.family, fingerprint(current)]));
  const document = { node: 'node-a', variant: 'nft' as const, fingerprint: prints, plan, summaries };
  const files = new Map([
    ['plan.txt', printPlan({ plan, summaries }, { diff: true, verbose: false, paint: paint(false) })],
    ['plan.json', printPlanDocument(document)],
    ['restore.txt', restoreText(plan)],
    ['diagnostics.txt', diagnosticsText(diagnostics)],
  ]);
  return { files, families, plan };
}

/** What iptables-restore and ip6tables-restore would read, one after the other. */
function restoreText({ families }: Plan): string {
  return families
    .map(({ family, changes }) => {
      return `# ${family}\n${payloadText(restorePayload(changes, { listFirst: false }))}`;
    })
    .join('');
}
