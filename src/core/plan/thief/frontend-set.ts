import type { Rule } from '../../ruleset/rule.ts';
import type { Frontend } from './frontend.ts';
import { matchFrontend, type Answer } from './match-frontend.ts';

/** Frontends whose packets come to some place. Most rules are for one port, so that only few of many frontends need a look. */
export class FrontendSet {
  readonly frontends: readonly Frontend[];
  #byPort: ReadonlyMap<number, readonly Frontend[]> | undefined;

  constructor(frontends: readonly Frontend[]) {
    this.frontends = frontends;
  }

  /** Those that the rule can match. */
  matching(rule: Rule, local: boolean): FrontendSet {
    return new FrontendSet(this.#candidates(rule).filter((f) => matchFrontend(rule, f, local) !== 'no'));
  }

  /** Without those of which the rule matches each packet. */
  withoutSure(rule: Rule, local: boolean): FrontendSet {
    const sure: Answer = 'yes';
    const gone = new Set(this.#candidates(rule).filter((f) => matchFrontend(rule, f, local) === sure));
    return gone.size === 0 ? this : new FrontendSet(this.frontends.filter((f) => !gone.has(f)));
  }

  #candidates(rule: Rule): readonly Frontend[] {
    const ports = portsOf(rule);
    if (ports === undefined || this.frontends.length < SMALL) return this.frontends;
    this.#byPort ??= groupByPort(this.frontends);
    const index = this.#byPort;
    return [...new Set(ports)].flatMap((port) => index.get(port) ?? []);
  }
}

const SMALL = 32;

function groupByPort(frontends: readonly Frontend[]): ReadonlyMap<number, readonly Frontend[]> {
  const groups = new Map<number, Frontend[]>();
  for (const frontend of frontends) {
    const group = groups.get(frontend.port);
    if (group === undefined) groups.set(frontend.port, [frontend]);
    else group.push(frontend);
  }
  return groups;
}

/** The few destination ports that a rule is for; undefined if it is for a range, or any. */
function portsOf({ matches }: Rule): readonly number[] | undefined {
  for (const match of matches) {
    const ranges =
      match.kind === 'tcp' || match.kind === 'udp' || match.kind === 'sctp'
        ? match.destinationPorts?.negated === false && [match.destinationPorts]
        : match.kind === 'multiport' && match.of === 'destination' && !match.negated && match.ports;
    if (ranges !== undefined && ranges !== false && ranges.every(({ first, last }) => first === last))
      return ranges.map(({ first }) => first);
  }
  return undefined;
}
