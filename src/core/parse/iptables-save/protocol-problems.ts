import type { Match } from '../../ruleset/match.ts';
import type { Rule } from '../../ruleset/rule.ts';
import type { RuleProblem } from './rule-problem.ts';

const PORT_PROTOCOLS: readonly number[] = [6, 17, 33, 132, 136];

/** The protocols that a match is for; those that are not here are for all. */
const PROTOCOLS: { readonly [K in Match['kind']]?: readonly number[] } = {
  tcp: [6],
  udp: [17],
  sctp: [132],
  icmp: [1],
  icmp6: [58],
  multiport: PORT_PROTOCOLS,
};

function targetProblem({ target, protocol }: Rule): string | undefined {
  const allows = (numbers: readonly number[]): boolean =>
    protocol !== undefined && !protocol.negated && numbers.includes(protocol.number);
  if (target.kind === 'reject') {
    return target.with === 'tcp-reset' && !allows([6]) ? '--reject-with tcp-reset without -p tcp' : undefined;
  }
  const { kind } = target;
  const ports =
    kind === 'dnat' || kind === 'snat'
      ? target.to.ports
      : kind === 'masquerade' || kind === 'redirect'
        ? target.ports
        : undefined;
  return ports !== undefined && !allows(PORT_PROTOCOLS)
    ? 'a port to translate to, without a protocol that has ports'
    : undefined;
}

/** What iptables and the kernel refuse because it takes a protocol that the rule does not have: `-m tcp` without `-p tcp`. */
export function protocolProblems(rule: Rule, columnOf: (match: number) => number, targetColumn: number): RuleProblem[] {
  const { protocol } = rule;
  const problems: RuleProblem[] = [];
  for (const [i, match] of rule.matches.entries()) {
    const needed = PROTOCOLS[match.kind];
    if (needed === undefined || (protocol !== undefined && !protocol.negated && needed.includes(protocol.number)))
      continue;
    const message = `-m ${match.kind} without the protocol that it is for`;
    problems.push({ code: 'rule-bad-value', message, column: columnOf(i) });
  }
  const message = targetProblem(rule);
  if (message !== undefined) problems.push({ code: 'rule-bad-value', message, column: targetColumn });
  return problems;
}
