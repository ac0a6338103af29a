import type { ConntrackMatch } from '../../ruleset/match.ts';
import { printMatch } from '../../ruleset/print-match.ts';
import type { NamesMatch, NetworkMatch, PortMatch } from '../../ruleset/rule-values.ts';
import { ALWAYS, NEVER, type Diagram } from './node-table.ts';
import * as level from './levels.ts';
import type { PacketState } from './packet-state.ts';
import type { Place } from './place.ts';
import type { RuleProgram } from './rule-program.ts';
import type { Tracking, View } from './view.ts';
import type { Workspace } from './workspace.ts';

/** What this needs of the matcher that it is a part of. */
interface MatcherTools {
  readonly sourceIn: (match: NetworkMatch) => Diagram;
  readonly valueIn: (at: number, match: PortMatch | undefined) => Diagram;
  readonly opaque: (rule: RuleProgram, text: string) => Diagram;
}

/** `-m conntrack`: what connection tracking knows of a packet. */
export class ConntrackMatcher {
  readonly #work: Workspace;
  readonly #matcher: MatcherTools;

  constructor(work: Workspace, matcher: MatcherTools) {
    this.#work = work;
    this.#matcher = matcher;
  }

  packets(match: ConntrackMatch, rule: RuleProgram, state: PacketState, view: View): Diagram {
    const { diagrams } = this.#work;
    const { place, original, tracking } = view;
    const exists = tracking !== 'INVALID' && tracking !== 'UNTRACKED';
    const parts = [this.#states(match.states, rule, state, view)];
    if (match.protocol !== undefined)
      parts.push(truth((original.protocol === match.protocol.number) !== match.protocol.negated));
    if (tracking === 'NEW') {
      parts.push(
        match.originalSource === undefined ? ALWAYS : this.#matcher.sourceIn(match.originalSource),
        match.replyDestination === undefined ? ALWAYS : this.#matcher.sourceIn(match.replyDestination),
        inNetwork(match.originalDestination, original),
        inNetwork(match.replySource, place),
        this.#matcher.valueIn(level.SOURCE_PORT, match.originalSourcePorts),
        this.#matcher.valueIn(level.SOURCE_PORT, match.replyDestinationPorts),
        inPorts(match.originalDestinationPorts, original.port),
        inPorts(match.replySourcePorts, place.port),
        truth(match.direction !== 'REPLY'),
      );
    } else if (!exists) {
      const { kind: _, spelling: __, states: ___, ...conditions } = match;
      if (Object.values(conditions).some((condition) => condition !== undefined)) parts.push(NEVER);
    } else if (needsTuple(match)) parts.push(this.#matcher.opaque(rule, printMatch(match)));
    if (match.status !== undefined || match.expires !== undefined) parts.push(this.#status(match, rule, tracking));
    return parts.reduce((all, part) => diagrams.and(all, part), ALWAYS);
  }

  /** The first packet of a connection has seen no reply; what else the status holds is not followed. */
  #status({ status, expires }: ConntrackMatch, rule: RuleProgram, tracking: Tracking): Diagram {
    const isPlain =
      tracking === 'NEW' && status !== undefined && !status.values.includes('NONE') && expires === undefined;
    if (isPlain) return truth(status.negated);
    return this.#matcher.opaque(rule, 'its connection status or expiry');
  }

  #states(states: NamesMatch | undefined, rule: RuleProgram, state: PacketState, { tracking }: View): Diagram {
    if (states === undefined) return ALWAYS;
    const { diagrams } = this.#work;
    let set = truth(states.values.includes(tracking));
    if (states.values.includes('DNAT')) {
      const isNew = tracking === 'NEW';
      const was =
        tracking === 'ESTABLISHED' || tracking === 'RELATED' ? diagrams.range(level.WAS_TRANSLATED, 1, 1) : NEVER;
      set = diagrams.or(set, isNew ? truth(state.translation !== undefined) : was);
    }
    if (states.values.includes('SNAT')) {
      set = diagrams.or(
        set,
        tracking === 'NEW' ? truth(state.source !== undefined) : this.#matcher.opaque(rule, 'ctstate SNAT'),
      );
    }
    return states.negated ? diagrams.not(set) : set;
  }
}

function truth(holds: boolean): Diagram {
  return holds ? ALWAYS : NEVER;
}

function inNetwork(match: NetworkMatch | undefined, { address }: Place): Diagram {
  if (match === undefined) return ALWAYS;
  return truth(((address & match.network.mask) === match.network.base) !== match.negated);
}

function inPorts(match: PortMatch | undefined, port: number | undefined): Diagram {
  if (match === undefined) return ALWAYS;
  return truth((port !== undefined && match.first <= port && port <= match.last) !== match.negated);
}

function needsTuple(match: ConntrackMatch): boolean {
  const { originalSource, originalDestination, replySource, replyDestination, direction } = match;
  const ports = [
    match.originalSourcePorts,
    match.originalDestinationPorts,
    match.replySourcePorts,
    match.replyDestinationPorts,
  ];
  return [originalSource, originalDestination, replySource, replyDestination, direction, ...ports].some(
    (part) => part !== undefined,
  );
}
