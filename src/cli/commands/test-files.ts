import { join } from 'node:path';
import { sortDiagnostics } from '../../core/diag/diagnostic.ts';
import type { IpFamily } from '../../core/model/ip.ts';
import { DIAGNOSTICS } from '../../host/testing/case-files.ts';
import type { TestCase } from '../../host/testing/read-case.ts';
import { diagnosticsText } from '../output/diagnostics-text.ts';
import type { CheckReport } from '../output/test-report.ts';
import { textDiff } from '../output/text-diff.ts';
import type { CompiledCase } from './test-compile.ts';
import { RULE_FILES } from './write-rules.ts';

/** Stands for the rules of the same options without any Service: most cases are about one family only. */
export const NOTHING_BUT_FIXED = '# nothing but the fixed chains\n';

const FAMILY: ReadonlyMap<string, IpFamily> = new Map([
  [RULE_FILES.ipv4, 'ipv4'],
  [RULE_FILES.ipv6, 'ipv6'],
]);

/** Compares each expected file with what is compiled, byte for byte. */
export function checkFiles({ folder, expected }: TestCase, compiled: CompiledCase): readonly CheckReport[] {
  return [...expected].map(([file, text]) => {
    const family = FAMILY.get(file);
    const found = family === undefined ? saidOf(compiled) : compiled.rules.get(family);
    const wanted = family !== undefined && text === NOTHING_BUT_FIXED ? compiled.fixedRules().get(family) : text;
    const check = { kind: 'file', name: file, place: join(folder, file) } as const;
    if (found === undefined || wanted === undefined) return { ...check, fault: 'no rules are compiled', details: [] };
    const fault = found === wanted ? undefined : faultOf(text);
    return { ...check, fault, details: textDiff(wanted, found, file) };
  });
}

function faultOf(text: string): string {
  if (text === NOTHING_BUT_FIXED) return 'there is more than the fixed chains';
  return 'what is compiled is not what is expected';
}

/**
 * What the expected files should hold to pass; those that need not change are left out. A case of which nothing is expected yet gets both
 * files of rules.
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
  const said = expected.has(DIAGNOSTICS) ? saidOf(compiled) : undefined;
  return said === undefined || said === expected.get(DIAGNOSTICS) ? fresh : fresh.set(DIAGNOSTICS, said);
}

function saidOf({ diagnostics }: CompiledCase): string {
  return diagnosticsText(sortDiagnostics(diagnostics));
}
