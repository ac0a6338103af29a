import type { DumpView } from '../dump-view.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { destinationAddress, jumpOf } from '../rule-facts.ts';
import type { TableView } from '../table-view.ts';

export const tableFlushed: LintRule = {
  code: 'table-flushed',
  severity: 'error',
  title: "kube-proxy's rules are gone from a table",
  needs: 'rules',
  holds: 'Where one of the tables nat and filter has the rules of kube-proxy, the other has them too.',
  why: 'Somebody has emptied one table: firewalld when it starts or reloads, a script with iptables -F and -X, iptables-restore without --noflush. With an empty nat no Service works; with an empty filter, source ranges and REJECTs are gone.',
  issues: ['rancher/rke2#10469', 'k3s-io/k3s#7542', 'containernetworking/plugins#512', 'kubernetes/kubernetes#81517'],
  fix: 'Restart kube-proxy, or chainsmith apply; then keep the other program from flushing.',
  check: ({ dumps }) => dumps.flatMap(inDump),
};

function inDump(dump: DumpView): readonly Found[] {
  const nat = dump.table('nat');
  const filter = dump.table('filter');
  if (nat?.isWhole !== true || filter?.isWhole !== true) return [];
  const hasNat = nat.hasRules('KUBE-SERVICES');
  const hasFilter = filter.hasRules('KUBE-FORWARD');
  if (hasFilter && isFlushed(nat, dump)) {
    const message = 'nat has no rules in KUBE-SERVICES, and filter has those of kube-proxy: no Service is translated';
    return [
      {
        message,
        place: nat.has('KUBE-SERVICES') ? nat.place('KUBE-SERVICES') : nat.whole,
        related: [filter.place('KUBE-FORWARD')],
      },
    ];
  }
  // Versions that have a canary have KUBE-FORWARD as well.
  if (hasNat && !hasFilter && nat.has('KUBE-PROXY-CANARY') && dump.modes.has('iptables')) {
    const message = 'filter has no rules in KUBE-FORWARD, and nat has those of kube-proxy';
    return [
      {
        message,
        place: filter.has('KUBE-FORWARD') ? filter.place('KUBE-FORWARD') : filter.whole,
        related: [nat.place('KUBE-SERVICES')],
      },
    ];
  }
  return [];
}

/** Without clusterIPs and node ports to serve, KUBE-SERVICES is empty; KUBE-POSTROUTING never is. */
function isFlushed(nat: TableView, { services }: DumpView): boolean {
  if (nat.hasRules('KUBE-SERVICES')) return false;
  if (!nat.has('KUBE-SERVICES') || !nat.hasRules('KUBE-POSTROUTING')) return true;
  // The chain of a clusterIP repeats the address where it masquerades.
  return services.choices.some(({ chain }) =>
    chain.rules.some(({ rule }) => jumpOf(rule) === 'KUBE-MARK-MASQ' && destinationAddress(rule) !== undefined),
  );
}
