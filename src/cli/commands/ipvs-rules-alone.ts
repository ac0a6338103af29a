import { asksSets } from '../../core/analyze/lint/proxy-modes.ts';
import { diagnose, type Diagnostic } from '../../core/diag/diagnostic.ts';
import type { TypedDumps } from './read-rulesets.ts';

export const IPVS_HINT = 'ipvsadm -Sn > ipvs.txt; ipset save > ipset.txt; then --ipvs ipvs.txt --ipset ipset.txt';

/** Said of dumps whose KUBE-SERVICES asks sets: kube-proxy's is of the mode that it runs in, whatever another one left behind. */
export function ipvsRulesAlone({ rulesets, files }: TypedDumps): readonly Diagnostic[] {
  return rulesets.flatMap((ruleset, i): readonly Diagnostic[] => {
    const nat = ruleset.tables.find(({ name }) => name === 'nat');
    const asking = nat?.chains.get('KUBE-SERVICES')?.rules.find((rule) => asksSets([rule]));
    if (asking === undefined) return [];
    return [
      diagnose('ipvs-state-missing', {
        message: 'these are rules of the ipvs mode, and there are neither its virtual servers nor its sets',
        location: { file: files[i] ?? '<stdin>', line: asking.line },
        hint: IPVS_HINT,
      }),
    ];
  });
}
