import type { IpvsMatch, SetMatch } from '../../../ruleset/match.ts';
import { printMatch } from '../../../ruleset/print-match.ts';
import * as level from '../levels.ts';
import { ALWAYS, NEVER, type Diagram } from '../node-table.ts';
import type { PacketState } from '../packet-state.ts';
import type { RuleProgram } from '../rule-program.ts';
import type { View } from '../view.ts';
import type { Workspace } from '../workspace.ts';
import type { SetIndex, SourceTest } from './set-index.ts';

/** What this needs of the matcher that it is a part of. */
interface MatcherTools {
  readonly opaque: (rule: RuleProgram, text: string) => Diagram;
}

/** `-m ipvs` and `-m set`: what rules ask of virtual servers and of sets. */
export class IpvsMatcher {
  readonly #work: Workspace;
  readonly #matcher: MatcherTools;
  readonly #known: { readonly sets: SetIndex } | undefined;

  constructor(work: Workspace, matcher: MatcherTools, known: { readonly sets: SetIndex } | undefined) {
    this.#work = work;
    this.#matcher = matcher;
    this.#known = known;
  }

  /** ipvs_mt (xt_ipvs.c): all but --ipvs asks the connection that IPVS has for a packet of a client. */
  connection(match: IpvsMatch, rule: RuleProgram, { served }: PacketState, view: View): Diagram {
    if (this.#known === undefined)
      return this.#work.flag({ kind: 'state', rule: rule.conditionId, text: printMatch(match) });
    const { ipvs, protocol, address, port, direction, method, controlPort } = match;
    if (ipvs !== undefined && (served !== undefined) === ipvs.negated) return NEVER;
    const asked = [protocol, address, port, direction, method, controlPort].some((part) => part !== undefined);
    if (!asked) return ALWAYS;
    if (served === undefined) return NEVER;
    const answers = [
      protocol === undefined || (protocol.number === view.place.protocol) !== protocol.negated,
      address === undefined || ((served.address & address.network.mask) === address.network.base) !== address.negated,
      port === undefined || (served.port === port.value) !== port.negated,
      direction === undefined || (direction.value === 'ORIGINAL') !== direction.negated,
      method === undefined || (method.value === 'MASQ') !== method.negated,
      controlPort === undefined || controlPort.negated,
    ];
    return answers.includes(false) ? NEVER : ALWAYS;
  }

  set(match: SetMatch, rule: RuleProgram, state: PacketState, view: View): Diagram {
    if (match.packets !== undefined || match.bytes !== undefined) return this.#matcher.opaque(rule, printMatch(match));
    const sources = this.#known?.sets.sources(match, view.place);
    if (sources !== undefined) return this.#work.negatedIf(match.negated, this.#anySource(sources));
    // Of kube-proxy's own sets guessing both ways would show faults that are none.
    if (this.#known !== undefined && rule.owner === 'kube') return this.#matcher.opaque(rule, printMatch(match));
    const directions = `${match.directions.join()}${match.returnNomatch ? ' return-nomatch' : ''}`;
    const translated = state.translation !== undefined && match.directions.includes('dst');
    return this.#work.negatedIf(
      match.negated,
      this.#work.flag({ kind: 'set', name: match.name, directions, translated }),
    );
  }

  #anySource(tests: readonly SourceTest[]): Diagram {
    const { diagrams, sources } = this.#work;
    return diagrams.any(
      tests.map(({ ranges, ports }) => {
        const from = ranges === undefined ? ALWAYS : sources.anyOf(diagrams, ranges);
        return ports === undefined
          ? from
          : diagrams.and(from, diagrams.range(level.SOURCE_PORT, ports.first, ports.last));
      }),
    );
  }
}
