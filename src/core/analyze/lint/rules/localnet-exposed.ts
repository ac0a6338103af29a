import type { Rule } from '../../../ruleset/rule.ts';
import type { DumpView } from '../dump-view.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { asksForLocal, jumpOf } from '../rule-facts.ts';
import type { TableView } from '../table-view.ts';

export const localnetExposed: LintRule = {
  code: 'localnet-exposed',
  severity: 'warning',
  title: 'neighbours of the node may reach what listens on 127.0.0.1',
  needs: 'rules',
  holds:
    'Where node ports, if there are any, answer on 127.0.0.0/8, a rule drops packets to it that come from elsewhere.',
  why: 'For node ports on localhost kube-proxy sets net.ipv4.conf.all.route_localnet=1 when it starts, and then the kernel takes packets to 127.0.0.1 from any neighbour (CVE-2020-8558). Since 1.18.4 the kubelet and kube-proxy write a rule against it into KUBE-FIREWALL; here it is not.',
  issues: ['kubernetes/kubernetes#92315', 'kubernetes/kubernetes#90259'],
  fix: 'Restart kube-proxy (1.18.4 or newer) to write the rule again, or set iptables.localhostNodePorts: false and sysctl net.ipv4.conf.all.route_localnet=0.',
  check: ({ dumps }) => dumps.flatMap(inDump),
};

function inDump(dump: DumpView): readonly Found[] {
  const nat = dump.table('nat');
  const filter = dump.table('filter');
  if (dump.family !== 'ipv4' || nat?.isWhole !== true || filter?.isWhole !== true) return [];
  const open = nat
    .rules('KUBE-SERVICES')
    .find(({ rule }) => jumpOf(rule) === 'KUBE-NODEPORTS' && includesLoopback(rule));
  if (open === undefined || isGuarded(filter)) return [];
  return [
    {
      message: nat.hasRules('KUBE-NODEPORTS')
        ? 'node ports answer on 127.0.0.0/8, and no rule keeps packets of neighbours away from it'
        : 'kube-proxy sets route_localnet also where no node port is, and no rule keeps packets of neighbours away from 127.0.0.0/8',
      place: nat.place('KUBE-SERVICES', open),
      related: filter.has('KUBE-FIREWALL') ? [filter.place('KUBE-FIREWALL')] : [],
    },
  ];
}

const LOOPBACK = 0x7f000000n;

function isLoopback(match: Rule['destination']): boolean {
  return match?.network?.base === LOOPBACK && match.network.prefix === 8;
}

function includesLoopback(rule: Rule): boolean {
  return (
    asksForLocal(rule) &&
    (rule.destination === undefined || (isLoopback(rule.destination) && !rule.destination.negated))
  );
}

/** `! -s 127.0.0.0/8 -d 127.0.0.0/8 ... -j DROP`, wherever INPUT leads to it. */
function isGuarded(filter: TableView): boolean {
  for (const chain of filter.reachedFrom('INPUT')) {
    for (const { rule } of filter.rules(chain)) {
      if (rule.target.kind !== 'drop' && rule.target.kind !== 'reject') continue;
      const { source, destination } = rule;
      const fromElsewhere = source === undefined || (isLoopback(source) && source.negated);
      if (isLoopback(destination) && destination?.negated === false && fromElsewhere) return true;
    }
  }
  return false;
}
