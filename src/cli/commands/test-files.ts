import { join } from 'node:path';
import { sortDiagnostics } from '../../core/diag/diagnostic.ts';
import type { IpFamily } from '../../core/model/ip.ts';
import { DIAGNOSTICS } from '../../host/testing/case-files.ts';
import type { TestCase } from '../../host/testing/read-case.ts';
import { diagnosticsText } from '../output/diagnostics-text.ts';
import type { CheckReport } from '../output/test-report.ts';
import { textDiff } from '../output/text-diff.ts';
import { IPVS_FILES } from './print-ipvs-parts.ts';
import type { CompiledCase } from './test-compile.ts';
import { RULE_FILES } from './write-rules.ts';

/** Stands for the rules of the same options without any Service: most cases are about one family only. */
export const NOTHING_BUT_FIXED = '# nothing but the fixed chains\n';

const FAMILY: ReadonlyMap<string, IpFamily> = new Map([
  [RULE_FILES.ipv4, 'ipv4'],
  [RULE_FILES.ipv6, 'ipv6'],
]);

const IPVS: ReadonlySet<string> = new Set(Object.values(IPVS_FILES));

/** Compares each expected file with what is compiled, byte for byte. */
export function checkFiles({ folder, expected }: TestCase, compiled: CompiledCase): readonly CheckReport[] {
  return [...expected].map(([file, text]) => {
    const family = FAMILY.get(file);
    const found = foundOf(file, text, compiled);
    const wanted = family !== undefined && text === NOTHING_BUT_FIXED ? compiled.fixedRules().get(family) : text;
    const check = { kind: 'file', name: file, place: join(folder, file) } as const;
    if (found === undefined || wanted === undefined) {
      const isOfIpvs = IPVS.has(file) && compiled.rules.size > 0;
      const fault = isOfIpvs ? 'the mode is not ipvs, so there is nothing of it' : 'no rules are compiled';
      return { ...check, fault, details: [] };
    }
    const fault = found === wanted ? undefined : faultOf(text);
    return { ...check, fault, details: textDiff(wanted, found, file) };
  });
}

/** @param before what is in the file */
function foundOf(file: string, before: string, compiled: CompiledCase): string | undefined {
  const family = FAMILY.get(file);
  if (family !== undefined) return compiled.rules.get(family);
  if (!IPVS.has(file)) return saidOf(compiled);
  const text = compiled.ipvsFiles.get(file);
  const leavesOut = file === IPVS_FILES.sets && text !== undefined && !hasAllSets(before, text);
  return leavesOut ? compiled.filledSets : text;
}

function hasAllSets(before: string, text: string): boolean {
  const names = (sets: string): readonly string[] =>
    [...sets.matchAll(/^create (\S+) /gm)].map(([, name = '']) => name);
  const there = new Set(names(before));
  return names(text).every((name) => there.has(name));
}

function faultOf(text: string): string {
  if (text === NOTHING_BUT_FIXED) return 'there is more than the fixed chains';
  return 'what is compiled is not what is expected';
}

/**
 * What the expected files should hold to pass; those that need not change are left out. A case of which nothing is expected yet gets all
 * files of its mode.
 */
export function freshFiles({ expected, flows }: TestCase, compiled: CompiledCase): ReadonlyMap<string, string> {
  const isNew = expected.size === 0 && flows === undefined;
  const fresh = new Map<string, string>();
  for (const [file, family] of FAMILY) {
    const text = compiled.rules.get(family);
    const before = expected.get(file);
    if (text === undefined || (before === undefined && !isNew)) continue;
    const stands = before === NOTHING_BUT_FIXED && compiled.fixedRules().get(family) === text;
    if (before !== text && !stands) fresh.set(file, text);
  }
  for (const [file, text] of compiled.ipvsFiles) {
    const before = expected.get(file);
    if (before === undefined && !isNew) continue;
    const found = foundOf(file, before ?? text, compiled) ?? text;
    if (before !== found) fresh.set(file, found);
  }
  const said = expected.has(DIAGNOSTICS) ? saidOf(compiled) : undefined;
  return said === undefined || said === expected.get(DIAGNOSTICS) ? fresh : fresh.set(DIAGNOSTICS, said);
}

function saidOf({ diagnostics }: CompiledCase): string {
  return diagnosticsText(sortDiagnostics(diagnostics));
}
