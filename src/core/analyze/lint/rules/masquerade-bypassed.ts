import { parseNetwork } from '../../../ruleset/ip-network.ts';
import type { Match } from '../../../ruleset/match.ts';
import type { IpNetwork } from '../../../ruleset/rule-values.ts';
import type { Rule } from '../../../ruleset/rule.ts';
import type { Found } from '../finding.ts';
import type { LintRule } from '../lint-rule.ts';
import { masqueradeBits } from '../masquerade-mark.ts';
import { isUnconditional, jumpOf } from '../rule-facts.ts';
import type { TableView } from '../table-view.ts';

export const masqueradeBypassed: LintRule = {
  code: 'masquerade-bypassed',
  severity: 'warning',
  title: 'a rule before KUBE-POSTROUTING lets marked packets past it',
  needs: 'rules',
  holds:
    'No rule of nat POSTROUTING before the jump to KUBE-POSTROUTING accepts or returns packets that may be marked for masquerading.',
  why: 'The packets that the rule matches leave as they are, although a Service has marked them. A Pod that asks its own Service gets no answer then; with externalTrafficPolicy Cluster, clients get answers from an address that they never asked.',
  issues: ['kubernetes/kubernetes#20475'],
  fix: 'Let the rule pass marked packets (-m mark ! --mark 0x4000/0x4000), or let it stand behind KUBE-POSTROUTING.',
  check: ({ dumps }) => dumps.flatMap((dump) => inTable(dump.table('nat'))),
};

function inTable(nat: TableView | undefined): readonly Found[] {
  const bits = masqueradeBits(nat);
  if (nat === undefined || bits === 0) return [];
  const rules = nat.rules('POSTROUTING');
  const at = rules.findIndex(({ rule }) => jumpOf(rule) === 'KUBE-POSTROUTING');
  const jump = rules[at];
  if (jump === undefined) return [];
  return rules
    .slice(0, at)
    .filter(({ rule }) => letsPast(rule, bits))
    .map((rule) => ({
      message: 'packets that this rule matches do not come to KUBE-POSTROUTING, marked or not',
      place: nat.place('POSTROUTING', rule),
      related: [nat.place('POSTROUTING', jump)],
    }));
}

/** Rules without any condition are entry-jump-shadowed's. */
function letsPast(rule: Rule, bits: number): boolean {
  const { kind } = rule.target;
  if ((kind !== 'accept' && kind !== 'return') || isUnconditional(rule) || rule.leftover.length > 0) return false;
  const { destination } = rule;
  const network = destination?.negated === false ? destination.network : undefined;
  if (network !== undefined && NO_ENDPOINTS.some((nowhere) => isWithin(network, nowhere))) return false;
  return rule.matches.every((match) => canHave(match, bits));
}

/** Multicast and broadcast: libvirt and others return such packets first. */
const NO_ENDPOINTS = [parseNetwork('224.0.0.0/4'), parseNetwork('255.255.255.255/32'), parseNetwork('ff00::/8')];

function isWithin(inner: IpNetwork, outer: IpNetwork | undefined): boolean {
  return (
    outer?.family === inner.family &&
    (inner.base & outer.mask) === outer.base &&
    (inner.mask & outer.mask) === outer.mask
  );
}

function canHave(match: Match, bits: number): boolean {
  if (match.kind === 'mark') {
    const known = (match.mask & bits) >>> 0;
    const value = (match.value & known) >>> 0;
    // What the other bits of the mark are, nobody knows.
    return match.negated ? match.mask >>> 0 !== known || value !== known : value === known;
  }
  // Something that this program cannot read may be just what keeps marked packets out.
  if (match.kind === 'opaque' || match.kind === 'set') return false;
  if (match.kind !== 'conntrack' || match.states === undefined) return true;
  // Only the first packet of a connection comes to nat.
  const { negated, values } = match.states;
  return negated ? !values.includes('NEW') : ['NEW', 'RELATED', 'UNTRACKED'].some((state) => values.includes(state));
}
