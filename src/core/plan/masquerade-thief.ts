// Rules of others in nat POSTROUTING that end a packet's way there before KUBE-POSTROUTING. CNI plugins put them first on purpose, and kube-proxy
// leaves them there, so they are told of and not moved. Of a packet that a Service has marked, they take the masquerading: an endpoint that
// calls its own Service then gets no answer.
import { parseNetwork } from '../ruleset/ip-network.ts';
import type { CompiledRules } from '../ruleset/compiled-rules.ts';
import type { Match } from '../ruleset/match.ts';
import type { IpNetwork } from '../ruleset/rule-values.ts';
import type { Rule } from '../ruleset/rule.ts';
import { ruleLines } from './rule-lines.ts';

type ReadRule = (line: string) => Rule;

/** One note for each such rule. @param rules those of nat POSTROUTING, as they are after the plan */
export function masqueradeThiefNotes(rules: string, desired: CompiledRules, readRule: ReadRule): readonly string[] {
  const lines = ruleLines(rules);
  const ours = lines.findIndex((line) => {
    const { target } = readRule(line);
    return target.kind === 'jump' && target.chain === 'KUBE-POSTROUTING';
  });
  const bits = ours > 0 ? masqueradeBits(desired, readRule) : 0;
  if (bits === 0) return [];
  const thieves = lines.slice(0, ours).filter((line) => takesMarked(readRule(line), bits));
  return [...new Set(thieves)].map(
    (line) =>
      `nat POSTROUTING: the rule ${JSON.stringify(line)} stands before KUBE-POSTROUTING and takes packets that are marked for masquerading`,
  );
}

/** What KUBE-MARK-MASQ sets; 0 if that cannot be read. */
function masqueradeBits({ chains }: CompiledRules, readRule: ReadRule): number {
  const chain = chains.find(({ table, name }) => table === 'nat' && name === 'KUBE-MARK-MASQ');
  for (const line of ruleLines(chain?.rules ?? '')) {
    const { target } = readRule(line);
    if (target.kind === 'mark') return target.value;
  }
  return 0;
}

/** Not MASQUERADE: that is what the mark asks for, and Docker has such a rule on every node. */
const TAKING: ReadonlySet<Rule['target']['kind']> = new Set(['accept', 'return', 'snat']);

/** Whether the rule itself, not what it jumps to, can end the way of a packet to an endpoint that has these bits in its mark. */
function takesMarked(rule: Rule, bits: number): boolean {
  if (!TAKING.has(rule.target.kind) || rule.leftover.length > 0) return false;
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
    const [mask, value] = [match.mask >>> 0, match.value >>> 0];
    const known = (mask & bits) >>> 0;
    // What the other bits of the mark are, nobody knows.
    return match.negated ? mask !== known || value !== known : (value & known) >>> 0 === known;
  }
  if (match.kind !== 'conntrack' || match.states === undefined) return true;
  // Only the first packet of a connection comes to nat.
  const { negated, values } = match.states;
  return negated ? !values.includes('NEW') : ['NEW', 'RELATED', 'UNTRACKED'].some((state) => values.includes(state));
}
