import { compareModes } from '../../core/analyze/modes/compare-modes.ts';
import { firstPacket, type ModeRules } from '../../core/analyze/modes/first-packet.ts';
import { verifyRuleset } from '../../core/analyze/verify/verify-ruleset.ts';
import { compileIpvs } from '../../core/compile/ipvs/compile-ipvs.ts';
import { printRules } from '../../core/compile/print-rules.ts';
import type { FamilyMeaning } from '../../core/compile/read-meaning.ts';
import { hasErrors, type Diagnostic } from '../../core/diag/diagnostic.ts';
import { ipFamilies } from '../../core/model/ip.ts';
import type { IpvsConfig } from '../../core/model/proxy-config.ts';
import { parseIptablesSave } from '../../core/parse/iptables-save/parse-iptables-save.ts';
import { paint, wantsColor } from '../output/colors.ts';
import { familyName } from '../output/plan-counts.ts';
import { modesData, printModes, type FamilyModes } from '../output/print-modes.ts';
import { writeErr, writeOut } from '../output/streams.ts';
import type { DiffFlags } from './diff.ts';
import { compiledRuleset } from './diff-side.ts';
import { ipvsSubject } from './ipvs-subject.ts';
import { meaningInput } from './meaning-input.ts';
import { reportInput } from './show-plan.ts';

/** Compiles both modes of what -f names, proves each, and prints where they treat packets differently. */
export async function runDiffModes(flags: DiffFlags): Promise<number> {
  const inMode = { ...flags, proxyMode: 'iptables' };
  const input = await meaningInput(inMode, ipFamilies);
  const { families, ipvs, diagnostics, note } = input;
  if (families.length === 0 || ipvs === undefined || hasErrors(diagnostics)) {
    if (flags.output === 'json') await printJson([], diagnostics);
    await reportInput(diagnostics, note, flags);
    return 1;
  }
  const compiled = families.map((meaning) => ({ meaning, rules: compiledModes(meaning, ipvs) }));
  const unproved = compiled.flatMap(({ meaning, rules }) => (areProved(meaning, rules, ipvs) ? [] : [meaning]));
  if (unproved.length > 0) {
    if (flags.output === 'json') await printJson([], diagnostics);
    const names = unproved.map(({ family }) => familyName(family)).join(' and ');
    await writeErr(
      `error: what is compiled for ${names} cannot be proved, so nothing is said of it; chainsmith verify shows why\n`,
    );
    return 1;
  }
  const compared = compiled.map(({ meaning, rules }): FamilyModes => {
    const subject = { ...meaning, config: ipvs };
    const cost = firstPacket(subject, rules);
    return { family: meaning.family, differences: [...compareModes(subject), ...(cost === undefined ? [] : [cost])] };
  });
  if (flags.output === 'json') await printJson(compared, diagnostics);
  else {
    const options = { verbose: flags.verbose ?? false, paint: paint(wantsColor(flags.color, process.stdout)) };
    await writeOut(printModes(compared, options));
  }
  await reportInput(diagnostics, note, flags);
  return compared.some(({ differences }) => differences.length > 0) ? 2 : 0;
}

async function printJson(compared: readonly FamilyModes[], diagnostics: readonly Diagnostic[]): Promise<void> {
  await writeOut(`${JSON.stringify({ ...modesData(compared), diagnostics }, undefined, 2)}\n`);
}

function compiledModes(meaning: FamilyMeaning, config: IpvsConfig): ModeRules {
  const rules = compileIpvs(inIpvsMode(meaning), { config, randomFully: true }, []);
  const { ruleset } = parseIptablesSave(printRules(rules), { family: meaning.family });
  const ipvs = ipvsSubject(rules, config);
  if (ipvs === undefined) throw new Error('the ipvs mode was compiled without what is around its rules');
  return { iptables: compiledRuleset(meaning), ipvs: { ruleset, table: ipvs.table, sets: ipvs.sets } };
}

/** The one setting that depends on the mode. */
function inIpvsMode(meaning: FamilyMeaning): FamilyMeaning {
  return { ...meaning, settings: { ...meaning.settings, localhostNodePorts: false } };
}

/** The modes are compared by what they must do; this says that they do. */
function areProved(meaning: FamilyMeaning, { iptables, ipvs }: ModeRules, config: IpvsConfig): boolean {
  const { ruleset, table, sets } = ipvs;
  const results = [
    verifyRuleset(iptables, meaning),
    verifyRuleset(ruleset, { ...inIpvsMode(meaning), ipvs: { table, sets, config } }),
  ];
  return results.every(({ verdict }) => verdict === 'proved');
}
