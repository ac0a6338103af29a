// Rules that are about to be printed or loaded, proved first: against the same input that they were compiled from.
import { verifyRuleset, type IpvsSubject } from '../../core/analyze/verify/verify-ruleset.ts';
import { printRules } from '../../core/compile/print-rules.ts';
import type { FamilyMeaning } from '../../core/compile/read-meaning.ts';
import type { IpFamily } from '../../core/model/ip.ts';
import type { IpvsConfig } from '../../core/model/proxy-config.ts';
import { parseIptablesSave } from '../../core/parse/iptables-save/parse-iptables-save.ts';
import { itemOf, type IpvsChange } from '../../core/plan/ipvs/ipvs-plan.ts';
import { savedAfter } from '../../core/plan/saved-after.ts';
import { countOf } from '../../core/plan/summary/summary.ts';
import type { CompiledRules } from '../../core/ruleset/compiled-rules.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { paint, wantsColor } from '../output/colors.ts';
import { printVerification, type FamilyVerdict } from '../output/print-verify.ts';
import { writeErr } from '../output/streams.ts';
import { ipvsSubject } from './ipvs-subject.ts';
import { planSummaries, type PlanBasis } from './show-plan.ts';

/** `full`: every packet. `quick`: first packets to the service ports that change, unless chains of all Services change as well. */
export type ProofExtent = 'full' | 'quick';

/** What rules must do, and in ipvs mode how it is configured. */
export interface ProofBasis {
  readonly meaning: readonly FamilyMeaning[];
  readonly ipvsConfig: IpvsConfig | undefined;
}

/** Whether compiled rules do what the Services say, on a node that has no others. What is wrong is told on standard error. */
export async function proveCompiled(
  rules: readonly CompiledRules[],
  { meaning, ipvsConfig }: ProofBasis,
  flags: GlobalOptions,
): Promise<boolean> {
  const texts = rules.map((one): RulesText => {
    return { family: one.family, text: printRules(one), ipvs: ipvsSubject(one, ipvsConfig), only: undefined };
  });
  return await report(texts, meaning, flags);
}

/**
 * Whether the node will do what the Services say once a plan is carried out: with the rules that it has then, and the sets and virtual servers
 * that are compiled. What rules and virtual servers of others do is told by `lint` and `verify`.
 */
export async function provePlan(
  basis: PlanBasis,
  { meaning, ipvsConfig }: ProofBasis,
  flags: GlobalOptions,
  extent: ProofExtent,
): Promise<boolean> {
  const summaries = planSummaries(basis);
  const changes = basis.plan.ipvs?.changes ?? [];
  const texts = basis.plan.families.flatMap((family): readonly RulesText[] => {
    const current = basis.observed.find((o) => o.family === family.family)?.saved;
    const compiled = basis.desired.find((rules) => rules.family === family.family);
    const ipvs = compiled && ipvsSubject(compiled, ipvsConfig);
    const isSame = family.changes.length === 0 && (ipvs === undefined || changes.length === 0);
    if (current === undefined || isSame) return [];
    const items = summaries.find((summary) => summary.family === family.family)?.items ?? [];
    const isPart = extent === 'quick' && items.every(({ kind }) => kind === 'service') && changes.every(isOfOne);
    const names = [...items.map(({ name }) => name), ...changes.flatMap(({ service }) => service ?? [])];
    return [
      { family: family.family, text: savedAfter(family, current), ipvs, only: isPart ? new Set(names) : undefined },
    ];
  });
  return await report(texts, meaning, flags);
}

/** Whether a change of IPVS is about no other service port than its own: what goes without being anybody's is nobody's either. */
function isOfOne(change: IpvsChange): boolean {
  const { object } = itemOf(change);
  return change.service !== undefined || (object !== 'set' && object !== 'member');
}

interface RulesText {
  readonly family: IpFamily;
  readonly text: string;
  readonly ipvs: IpvsSubject | undefined;
  readonly only: ReadonlySet<string> | undefined;
}

function verdictsOn(texts: readonly RulesText[], meaning: readonly FamilyMeaning[]): readonly FamilyVerdict[] {
  return texts.flatMap(({ family, text, ipvs, only }): readonly FamilyVerdict[] => {
    const subject = meaning.find((m) => m.family === family);
    if (subject === undefined) return [];
    const { ruleset } = parseIptablesSave(text, { family });
    return [{ family, result: verifyRuleset(ruleset, { ...subject, ipvs }, { ignoreOthers: true, only }) }];
  });
}

/** What is proved needs no word, unless asked for. */
async function report(
  texts: readonly RulesText[],
  meaning: readonly FamilyMeaning[],
  flags: GlobalOptions,
): Promise<boolean> {
  const verdicts = verdictsOn(texts, meaning);
  const { verbose = false } = flags;
  const count = new Set(texts.flatMap(({ only }) => [...(only ?? [])])).size;
  if (verbose && count > 0) await writeErr(`proved for new connections to ${countOf(count, 'service port')} alone:\n`);
  const told = verbose ? verdicts : verdicts.filter(({ result }) => result.verdict !== 'proved');
  await writeErr(printVerification(told, { verbose, paint: paint(wantsColor(flags.color, process.stderr)) }));
  return verdicts.every(({ result }) => result.verdict !== 'refuted');
}
