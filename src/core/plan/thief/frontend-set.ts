import type { Rule } from '../../ruleset/rule.ts';
import type { Frontend } from './frontend.ts';
import { HostIndex } from './host-index.ts';
import { matchFrontend } from './match-frontend.ts';

const NONE: ReadonlySet<Frontend> = new Set();

/** Frontends whose packets come to some place. Most rules are for one port or a few addresses, so that only few of many frontends need a look. */
export class FrontendSet {
  readonly frontends: readonly Frontend[];
  #index: HostIndex | undefined;
  #byPort: ReadonlyMap<number, HostIndex> | undefined;

  constructor(frontends: readonly Frontend[]) {
    this.frontends = frontends;
  }

  /** Those that the rule can match, but for those that are gone already. */
  matching(rule: Rule, local: boolean, gone: ReadonlySet<Frontend> = NONE): FrontendSet {
    const found = this.#candidates(rule, local).filter((f) => !gone.has(f) && matchFrontend(rule, f, local) !== 'no');
    return new FrontendSet(found);
  }

  /** Those of which the rule matches each packet. */
  sure(rule: Rule, local: boolean): readonly Frontend[] {
    return this.#candidates(rule, local).filter((f) => matchFrontend(rule, f, local) === 'yes');
  }

  /** In the order of `frontends`, those for several ports by port. */
  #candidates(rule: Rule, local: boolean): readonly Frontend[] {
    if (this.frontends.length < SMALL) return this.frontends;
    const ports = portsOf(rule);
    if (ports === undefined) return (this.#index ??= new HostIndex(this.frontends)).candidates(rule, local);
    const index = (this.#byPort ??= groupByPort(this.frontends));
    return [...new Set(ports)].flatMap((port) => index.get(port)?.candidates(rule, local) ?? []);
  }
}

const SMALL = 32;

function groupByPort(frontends: readonly Frontend[]): ReadonlyMap<number, HostIndex> {
  const groups = new Map<number, Frontend[]>();
  for (const frontend of frontends) {
    const group = groups.get(frontend.port);
    if (group === undefined) groups.set(frontend.port, [frontend]);
    else group.push(frontend);
  }
  return new Map([...groups].map(([port, group]) => [port, new HostIndex(group)]));
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
