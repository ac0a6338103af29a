import type { Rule } from '../../../ruleset/rule.ts';
import type { DumpView } from '../dump-view.ts';
import type { Found } from '../finding.ts';
import type { LintContext } from '../lint-context.ts';
import type { LintRule } from '../lint-rule.ts';
import { counted, firstOf } from '../places.ts';
import type { TableView } from '../table-view.ts';

export const nodePortsUnreached: LintRule = {
  code: 'node-ports-unreached',
  severity: 'error',
  title: 'KUBE-SERVICES does not lead to the node ports',
  needs: 'rules',
  holds: 'If KUBE-NODEPORTS in nat has rules, KUBE-SERVICES leads to it.',
  why: 'The rule at the end of KUBE-SERVICES was lost, or something flushed the chain. No packet comes to the node ports: connections to them are refused by the node, and those of load balancers that use them as well. kube-proxy leaves the rule out itself where none of the addresses of the node is in --nodeport-addresses; node ports are dead then too. So it is an error only where that cannot be the reason: kube-proxy has made rules for 127.0.0.0/8 in KUBE-NODEPORTS or KUBE-FIREWALL, as it does only if that is in --nodeport-addresses, or the snapshot and the configuration given with it say that node ports answer. Else it is a note.',
  issues: [],
  fix: 'Make kube-proxy write all rules again: restart it. If it comes back, compare --nodeport-addresses with the addresses of the node.',
  check: (context) => context.dumps.flatMap((dump) => inDump(dump, context)),
};

function inDump(dump: DumpView, context: LintContext): readonly Found[] {
  const nat = dump.table('nat');
  // The ipvs mode empties KUBE-SERVICES and leaves what the iptables mode had in KUBE-NODEPORTS.
  if (nat?.isWhole !== true || dump.modes.has('ipvs') || !nat.hasRules('KUBE-NODEPORTS')) return [];
  const from = nat.references('KUBE-NODEPORTS');
  if (from.some(({ chain }) => chain.name === 'KUBE-SERVICES' || nat.isReached(chain.name))) return [];
  const ports = dump.services.frontends.filter((frontend) => frontend.from === 'KUBE-NODEPORTS');
  const excuse = excuseOf(dump, nat, context);
  return [
    {
      message: `no packet comes to KUBE-NODEPORTS and its ${counted(nat.rules('KUBE-NODEPORTS').length, 'rule')}${excuse ?? ''}`,
      place: nat.place(nat.has('KUBE-SERVICES') ? 'KUBE-SERVICES' : 'KUBE-NODEPORTS'),
      related: firstOf(ports).map(({ rule }) => nat.place('KUBE-NODEPORTS', rule)),
      ...(excuse === undefined
        ? {}
        : {
            severity: 'info',
            fix: 'Compare --nodeport-addresses with the addresses of the node. If one of them is in it, make kube-proxy write all rules again: restart it.',
          }),
    },
  ];
}

/** Why it may be as it was configured; undefined if it cannot be. */
function excuseOf(dump: DumpView, nat: TableView, { snapshot }: LintContext): string | undefined {
  const unmatched = snapshot?.withoutNodePorts.includes(dump.family);
  if (unmatched === true) return ': no known address of the node is in nodePortAddresses';
  if (unmatched === false && snapshot?.nodeName !== undefined) return undefined;
  if (answersOnLocalhost(dump, nat)) return undefined;
  return ', as it is where no address of the node is in --nodeport-addresses';
}

/**
 * kube-proxy turns localhostNodePorts off where no loopback address is in nodePortAddresses, and 127.0.0.1 is one of the node's else. Where
 * they are on, it counts them in KUBE-NODEPORTS if the kernel has the counter, and closes 127.0.0.0/8 in KUBE-FIREWALL, as the kubelet does.
 */
function answersOnLocalhost(dump: DumpView, nat: TableView): boolean {
  if (nat.rules('KUBE-NODEPORTS').some(({ rule }) => isForLoopback(rule))) return true;
  const isOfKubelet = dump.tables.some((table) => table.has('KUBE-KUBELET-CANARY') || table.has('KUBE-MARK-DROP'));
  const filter = dump.table('filter');
  return !isOfKubelet && (filter?.rules('KUBE-FIREWALL').some(({ rule }) => isForLoopback(rule)) ?? false);
}

function isForLoopback({ destination }: Rule): boolean {
  const network = destination?.negated === false ? destination.network : undefined;
  return network?.family === 'ipv4' && network.text === '127.0.0.0/8';
}
