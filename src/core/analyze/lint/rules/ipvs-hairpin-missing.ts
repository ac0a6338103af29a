import { kubeSetName } from '../../../ruleset/kube-ip-sets.ts';
import type { Found } from '../finding.ts';
import type { IpvsView } from '../ipvs-view.ts';
import { counted } from '../places.ts';
import type { LintRule } from '../lint-rule.ts';

export const ipvsHairpinMissing: LintRule = {
  code: 'ipvs-hairpin-missing',
  severity: 'warning',
  title: 'endpoints of this node cannot reach themselves through their Service',
  needs: 'ipvs-and-sets',
  holds: 'A rule masquerades what KUBE-LOOP-BACK names, before any other of KUBE-POSTROUTING.',
  why: 'A Pod that reaches itself through its Service gets a packet with its own address as the source, and does not answer it. KUBE-LOOP-BACK has the endpoints of this node with themselves as clients; no rule that packets come to asks it.',
  issues: [],
  fix: 'Restart kube-proxy, which writes its rules anew.',
  check: ({ ipvs }) => ipvs.flatMap(inFamily),
};

function inFamily({ dump, members, family, setPlace }: IpvsView): readonly Found[] {
  const nat = dump?.table('nat');
  const count = members?.frontends('LOOP-BACK').length ?? 0;
  if (nat?.isWhole !== true || count === 0) return [];
  const name = kubeSetName('LOOP-BACK', family);
  const asks = nat
    .rules('KUBE-POSTROUTING')
    .some(
      ({ rule: { target, matches } }) =>
        target.kind === 'masquerade' &&
        matches.some((match) => match.kind === 'set' && match.name === name && !match.negated),
    );
  if (asks && nat.isReached('KUBE-POSTROUTING')) return [];
  const place = nat.has('KUBE-POSTROUTING') ? nat.place('KUBE-POSTROUTING') : nat.whole;
  return [
    { message: `${name} has ${counted(count, 'member')}, and no rule masquerades them`, place, related: [setPlace] },
  ];
}
