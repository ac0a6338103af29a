/**
 * `npm run golden:update`: takes today's rules and diagnostics as the expected ones. It never writes flows.yaml, input.yaml,
 * case.yaml, config.yaml or golden/reference, and blesses no case whose packets flow otherwise than flows.yaml says, no dump that cannot be printed
 * again byte for byte, no plan that does not lead to what it should, and no lint rule that fires where it
 * must be silent. Review the diff.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FamilyPlan } from '../../src/core/plan/plan.ts';
import { findCases, foldersIn, readCase } from '../support/golden-case.ts';
import { DECODE_PRODUCED, produceDecode } from '../support/golden-decode.ts';
import { findDiagnosticCases, produceDiagnostics } from '../support/golden-diagnostics.ts';
import { produce } from '../support/golden-output.ts';
import { PARSE_PRODUCED, produceParse } from '../support/golden-parse.ts';
import { IPVS_PRODUCED, produceIpvs } from '../support/golden-ipvs.ts';
import { PARSE_IPVS_PRODUCED, produceParseIpvs } from '../support/golden-parse-ipvs.ts';
import { findLintCases, LINT_PRODUCED, produceLint } from '../support/golden-lint.ts';
import { goldenRoot } from '../support/golden-paths.ts';
import { findPlanCases, PLAN_PRODUCED, producePlan } from '../support/golden-plan.ts';
import { findTestCommandCases, produceTestCommand, TEST_COMMAND_PRODUCED } from '../support/golden-test-command.ts';
import { produceVerify, VERIFY_PRODUCED } from '../support/golden-verify.ts';
import { produceTrace, TRACE_PRODUCED } from '../support/golden-trace.ts';
import { planLawFaults } from '../support/plan-laws.ts';
import { judgeContent, judgeFlows, judgeStructure, rewriteExpected } from './run.ts';

export interface UpdateReport {
  /** `area/case/file` */
  readonly written: readonly string[];
  /** Cases that were left as they are, with the reason. */
  readonly refused: readonly string[];
}

/** Nothing is done by it, so that it breaks the laws wherever something is to do. */
const NO_PLAN: FamilyPlan = { family: 'ipv4', changes: [], notes: [] };

/** `root` holds the folders compile/, compile-ipvs/, conntrack/, decode/, diagnostics/, lint/, parse/, parse-ipvs/, plan/, test-command/, trace/ and verify/. */
export async function updateGolden(root: string): Promise<UpdateReport> {
  const written: string[] = [];
  const refused: string[] = [];
  for (const name of findCases(join(root, 'compile'))) {
    const golden = readCase(join(root, 'compile'), name);
    const output = produce(golden);
    const faults = [...judgeFlows(golden, output), ...judgeStructure(output), ...judgeContent(output)];
    if (faults.length > 0) refused.push(`compile/${name}: ${faults.join('\n')}`);
    else written.push(...rewriteExpected(golden.folder, output.files).map((file) => `compile/${name}/${file}`));
  }
  for (const name of foldersIn(join(root, 'compile-ipvs'))) {
    const golden = readCase(join(root, 'compile-ipvs'), name);
    const { files, faults } = produceIpvs(golden);
    if (faults.length > 0) refused.push(`compile-ipvs/${name}: ${faults.join('\n')}`);
    else written.push(...rewriteExpected(golden.folder, files, IPVS_PRODUCED).map((file) => `compile-ipvs/${name}/${file}`));
  }
  for (const name of findDiagnosticCases(join(root, 'diagnostics'))) {
    const folder = join(root, 'diagnostics', name);
    const files = await produceDiagnostics(folder);
    written.push(...rewriteExpected(folder, files).map((file) => `diagnostics/${name}/${file}`));
  }
  for (const name of findPlanCases(join(root, 'plan'))) {
    const { files, families, plan } = producePlan(join(root, 'plan'), name);
    const faults = families.flatMap((family, i) => planLawFaults(family, plan.families[i] ?? NO_PLAN));
    if (faults.length > 0) refused.push(`plan/${name}: ${faults.join('\n')}`);
    else written.push(...rewriteExpected(join(root, 'plan', name), files, PLAN_PRODUCED).map((file) => `plan/${name}/${file}`));
  }
  for (const name of findTestCommandCases(join(root, 'test-command'))) {
    const { files } = await produceTestCommand(join(root, 'test-command'), name);
    const folder = join(root, 'test-command', name);
    written.push(...rewriteExpected(folder, files, TEST_COMMAND_PRODUCED).map((file) => `test-command/${name}/${file}`));
  }
  for (const name of foldersIn(join(root, 'parse'))) {
    const folder = join(root, 'parse', name);
    const { files, faults } = produceParse(folder);
    if (faults.length > 0) refused.push(`parse/${name}: ${faults.join('\n')}`);
    else written.push(...rewriteExpected(folder, files, PARSE_PRODUCED).map((file) => `parse/${name}/${file}`));
  }
  for (const name of foldersIn(join(root, 'parse-ipvs'))) {
    const folder = join(root, 'parse-ipvs', name);
    const { files, faults } = produceParseIpvs(folder);
    if (faults.length > 0) refused.push(`parse-ipvs/${name}: ${faults.join('\n')}`);
    else written.push(...rewriteExpected(folder, files, PARSE_IPVS_PRODUCED).map((file) => `parse-ipvs/${name}/${file}`));
  }
  for (const name of foldersIn(join(root, 'decode'))) {
    const folder = join(root, 'decode', name);
    const files = await produceDecode(folder);
    written.push(...rewriteExpected(folder, files, DECODE_PRODUCED).map((file) => `decode/${name}/${file}`));
  }
  for (const name of findLintCases(join(root, 'lint'))) {
    const { files, findings } = produceLint(join(root, 'lint'), name);
    const [code = '', kind = ''] = name.split('/');
    const isFound = findings.some((finding) => finding.code === code);
    if (isFound !== kind.startsWith('fires')) refused.push(`lint/${name}: ${code} ${isFound ? 'fires' : 'is silent'}`);
    else written.push(...rewriteExpected(join(root, 'lint', name), files, LINT_PRODUCED).map((file) => `lint/${name}/${file}`));
  }
  for (const name of existsSync(join(root, 'verify')) ? foldersIn(join(root, 'verify')) : []) {
    const folder = join(root, 'verify', name);
    const files = produceVerify(folder);
    written.push(...rewriteExpected(folder, files, VERIFY_PRODUCED).map((file) => `verify/${name}/${file}`));
  }
  for (const name of existsSync(join(root, 'conntrack')) ? foldersIn(join(root, 'conntrack')) : []) {
    const folder = join(root, 'conntrack', name);
    const files = produceVerify(folder);
    written.push(...rewriteExpected(folder, files, VERIFY_PRODUCED).map((file) => `conntrack/${name}/${file}`));
  }
  for (const name of foldersIn(join(root, 'trace'))) {
    const folder = join(root, 'trace', name);
    const files = await produceTrace(folder);
    written.push(...rewriteExpected(folder, files, TRACE_PRODUCED).map((file) => `trace/${name}/${file}`));
  }
  return { written, refused };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { written, refused } = await updateGolden(goldenRoot);
  for (const file of written) console.log(`wrote ${file}`);
  for (const fault of refused) console.error(`refused ${fault}`);
  console.log(`${written.length} files written, ${refused.length} cases refused`);
  process.exitCode = refused.length === 0 ? 0 : 1;
}
