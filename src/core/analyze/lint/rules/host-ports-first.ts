import type { Found } from '../finding.ts';
import { rulesBeforeServices } from '../host-ports.ts';
import type { LintRule } from '../lint-rule.ts';
import { jumpOf } from '../rule-facts.ts';
import type { TableView } from '../table-view.ts';

export const hostPortsFirst: LintRule = {
  code: 'host-ports-first',
  severity: 'info',
  title: 'host ports are asked before Services',
  needs: 'rules',
  holds:
    'In nat PREROUTING and OUTPUT the jump to KUBE-SERVICES stands before those to the host ports of a CNI plugin or the kubelet.',
  why: 'Who stands first wins where a host port and a Service have the same port. Older portmap plugins put CNI-HOSTPORT-DNAT first. The finding host-port-steals names the ports that are really taken.',
  issues: ['containernetworking/cni#577', 'containernetworking/plugins#222', 'containernetworking/plugins#269'],
  fix: 'Nothing while no port is used twice; newer portmap plugins append their jump.',
  check: ({ dumps }) => dumps.flatMap((dump) => inTable(dump.table('nat'))),
};

const HOST_PORTS: ReadonlySet<string> = new Set(['CNI-HOSTPORT-DNAT', 'KUBE-HOSTPORTS']);

function inTable(nat: TableView | undefined): readonly Found[] {
  if (nat === undefined) return [];
  return ['PREROUTING', 'OUTPUT'].flatMap((hook) => {
    const { before, jump } = rulesBeforeServices(nat, hook);
    return before
      .filter(({ rule }) => HOST_PORTS.has(jumpOf(rule) ?? ''))
      .map((rule) => ({
        message: `nat ${hook} leads to ${jumpOf(rule.rule) ?? ''} before KUBE-SERVICES`,
        place: nat.place(hook, rule),
        related: jump === undefined ? [] : [nat.place(hook, jump)],
      }));
  });
}
