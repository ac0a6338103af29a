import { kubeSetName } from '../../../ruleset/kube-ip-sets.ts';
import type { Found } from '../finding.ts';
import type { IpvsView } from '../ipvs-view.ts';
import { listed } from '../places.ts';
import { isUnconditional } from '../rule-facts.ts';
import type { LintRule } from '../lint-rule.ts';

export const ipvsRangesNotEnforced: LintRule = {
  code: 'ipvs-ranges-not-enforced',
  severity: 'error',
  title: 'source ranges that keep nobody out, in ipvs mode',
  needs: 'ipvs-and-sets',
  holds:
    'Rules of INPUT drop what comes to a load balancer IP with source ranges (KUBE-LOAD-BALANCER-FW) from elsewhere.',
  why: 'The set names load balancer IPs that are limited to source ranges, and KUBE-PROXY-FIREWALL does not ask it, or no packet gets there, or KUBE-SOURCE-RANGES-FIREWALL does not drop the rest. Everybody gets in.',
  issues: [],
  fix: 'Restart kube-proxy, which writes its rules anew; until then close the load balancer to others.',
  check: ({ ipvs }) => ipvs.flatMap(inFamily),
};

function inFamily({ dump, members, family, setPlace }: IpvsView): readonly Found[] {
  const filter = dump?.table('filter');
  const guarded = members?.frontends('LOAD-BALANCER-FW') ?? [];
  if (filter?.isWhole !== true || guarded.length === 0) return [];
  const name = kubeSetName('LOAD-BALANCER-FW', family);
  const isReached = filter.reachedFrom('INPUT').has('KUBE-PROXY-FIREWALL');
  const asks = filter
    .rules('KUBE-PROXY-FIREWALL')
    .some(({ rule }) => rule.matches.some((match) => match.kind === 'set' && match.name === name && !match.negated));
  const last = filter.rules('KUBE-SOURCE-RANGES-FIREWALL').at(-1);
  const drops = last?.rule.target.kind === 'drop' && isUnconditional(last.rule);
  if (isReached && asks && drops) return [];
  const place = filter.has('KUBE-PROXY-FIREWALL') ? filter.place('KUBE-PROXY-FIREWALL') : filter.whole;
  const keys = guarded.map(({ key }) => key);
  return [{ message: `nothing keeps others from ${listed(keys)}, which are in ${name}`, place, related: [setPlace] }];
}
