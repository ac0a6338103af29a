import { ipToNumber } from '../../model/ip.ts';
import { compareStrings, sortedBy } from '../../util/order.ts';
import { actualOutcomes, recordedOutcomes } from './actual-outcomes.ts';
import { Blame, blamed, type BlamedPacket } from './blame.ts';
import { NEVER, type Diagram } from './node-table.ts';
import type { Difference, ExpectedOutcome, Undecided } from './difference.ts';
import { ExampleFinder, strangeness, type Example, type ExampleFacts, type ExamplePacket } from './example.ts';
import type { Doubt, Finding } from './finding.ts';
import { groupBy } from '../../util/group-by.ts';
import * as level from './levels.ts';
import type { PathParts } from './path-parts.ts';
import type { RunOptions } from './run-options.ts';
import type { RuleProgram } from './rule-program.ts';
import { isBuiltIn } from '../../ruleset/built-in-chains.ts';
import { parseNetwork } from '../../ruleset/ip-network.ts';

export interface ReporterParts {
  readonly path: PathParts;
  readonly options: RunOptions;
  readonly facts: ExampleFacts;
  readonly markBit: number;
  /** Packets that can be; asked anew each time, as diagrams are renewed. */
  readonly possible: () => Diagram;
}

/** Differences of packets of no Service that are looked into; more of one kind say nothing new. */
const MOST_ALIKE = 200;

/** Makes differences that people can read of findings: an example, what happens to it, and the rules that do it. */
export class Reporter {
  readonly #parts: ReporterParts;
  readonly #finder: ExampleFinder;
  readonly #differences = new Map<string, Difference>();
  readonly #undecided = new Map<string, { doubt: Undecided; services: Set<string> }>();
  #alike = 0;

  constructor(parts: ReporterParts) {
    this.#parts = parts;
    this.#finder = new ExampleFinder(parts.path.work, parts.facts);
  }

  found(finding: Finding): void {
    const { diagrams } = this.#parts.path.work;
    const { frontend, kind } = finding;
    const packets = diagrams.and(finding.packets, this.#parts.possible());
    if (packets === NEVER) return;
    const service = frontend && `${frontend.port.name} ${frontend.port.protocol} ${frontend.kind}`;
    const key = `${service ?? ''} ${kind}`;
    const told = service === undefined ? undefined : this.#differences.get(key);
    if (told !== undefined && strangeness(told.packet) === 0) return;
    const sure = diagrams.whatever(packets, level.FIRST_OPAQUE);
    if (sure === NEVER) return this.#doubtOpaque(finding, packets);
    if (service === undefined) {
      this.#alike += 1;
      if (this.#alike > MOST_ALIKE) return;
    }
    const example = this.#example(finding, sure);
    if (example === undefined || isStranger(example, told)) return;
    const difference = this.#difference(finding, example);
    const own = service === undefined ? `${key} ${placeOf(difference)}` : key;
    if (!isStranger(example, this.#differences.get(own))) this.#differences.set(own, difference);
  }

  doubted({ rule, frontend, place, tracking, packets: all }: Doubt): void {
    const { work } = this.#parts.path;
    const packets = work.diagrams.and(all, this.#parts.possible());
    if (packets === NEVER) return;
    const known = this.#undecided.get(String(rule.id));
    const example = known === undefined ? this.#finder.find(packets, place, tracking, undefined) : undefined;
    const reason =
      rule.target.kind === 'opaque'
        ? `what ${rule.target.name} does is not known`
        : rule.unreadable
          ? 'the rule cannot be read'
          : rule.target.kind === 'jump' || rule.target.kind === 'goto'
            ? `the chain ${rule.target.chain} is not in the dump, leads back here, or lies too deep`
            : 'the rule cannot stand there';
    this.#doubt(
      String(rule.id),
      { rule: blamed(rule), reason, services: [], others: false, packet: example?.packet },
      frontend?.port.name,
    );
  }

  /** A class of packets that took too long, and the rules for that, as far as they are known. */
  tooHard(services: readonly string[], reason: string, rules: readonly RuleProgram[] = []): void {
    for (const rule of rules.length > 0 ? rules : [undefined]) {
      const doubt = { rule: rule && blamed(rule), reason, services: [], others: false, packet: undefined };
      for (const service of services.length > 0 ? services : [undefined])
        this.#doubt(rule === undefined ? '' : `ways ${rule.id}`, doubt, service);
    }
  }

  differences(): readonly Difference[] {
    return sortedBy(
      joined([...this.#differences.values()]),
      (d) => (d.service === undefined ? 1 : 0),
      (d) => d.service ?? '',
      (d) => d.protocol ?? '',
      (d) => FRONTENDS.indexOf(d.frontend ?? ''),
      (d) => d.kind,
      (d) => placeOf(d),
    );
  }

  undecided(): readonly Undecided[] {
    const all = [...this.#undecided.values()].map(({ doubt, services }) => ({
      ...doubt,
      services: [...services].sort(compareStrings),
    }));
    return sortedBy(all, ({ rule }) => rule?.line ?? 0);
  }

  #doubt(key: string, doubt: Undecided, service: string | undefined): void {
    const known = this.#undecided.get(key) ?? { doubt, services: new Set<string>() };
    if (service === undefined) known.doubt = { ...known.doubt, others: true };
    else known.services.add(service);
    this.#undecided.set(key, known);
  }

  /** The finding depends on matches that are not known. */
  #doubtOpaque(finding: Finding, packets: Diagram): void {
    const { work, programs } = this.#parts.path;
    const { place, tracking, frontend } = finding;
    const service = frontend?.port.name;
    // One packet serves for all rules: choosing one takes long where there are hundreds of them.
    let example: { readonly packet: ExamplePacket | undefined } | undefined;
    for (const at of work.diagrams.levelsOf(packets)) {
      const condition = work.conditions.at(at);
      if (condition?.kind !== 'opaque') continue;
      const rule = programs.byId(condition.rule);
      if (rule === undefined) continue;
      const key = `match ${rule.id}`;
      if (!this.#undecided.has(key))
        example ??= { packet: this.#finder.find(packets, place, tracking, undefined)?.packet };
      const reason = `whether it matches cannot be said: ${condition.text}`;
      this.#doubt(key, { rule: blamed(rule), reason, services: [], others: false, packet: example?.packet }, service);
    }
  }

  #example({ place, tracking, through }: Finding, packets: Diagram): Example | undefined {
    const address = through === undefined ? undefined : parseNetwork(through.replace(/^\[?(.*?)\]?:\d+$/, '$1'))?.base;
    return this.#finder.find(packets, place, tracking, address);
  }

  #difference(finding: Finding, example: Example): Difference {
    const outcomes = recordedOutcomes({ ...this.#parts.path, options: this.#parts.options }, finding, example);
    const { frontend } = finding;
    const { programs } = this.#parts.path;
    return {
      kind: finding.kind,
      service: frontend?.port.name,
      protocol: frontend?.port.protocol,
      frontend: frontend?.kind,
      otherServices: [],
      packet: example.packet,
      expected: this.#expected(finding, example),
      actual: actualOutcomes(this.#parts.path.work, outcomes, this.#parts.markBit),
      blame: new Blame(programs, finding, outcomes, blamedPacket(finding, example)).rules(),
    };
  }

  #expected({ expected, place }: Finding, { packet, valueOf }: Example): ExpectedOutcome {
    const { diagrams } = this.#parts.path.work;
    switch (expected.kind) {
      case 'deliver': {
        const { endpoints, masquerade, port } = expected.delivery;
        const all = diagrams.has(masquerade, valueOf);
        const source = parseNetwork(packet.source)?.base;
        const inside = (address: bigint): boolean =>
          packet.inInterface !== undefined &&
          (address === place.address ? packet.destinationIsLocal : packet.endpointIsLocal);
        return {
          kind: 'endpoints',
          endpoints: endpoints.map(({ text, ip }) => {
            const address = ipToNumber(ip);
            return { endpoint: text, masquerade: (all || address === source) && !inside(address) };
          }),
          affinity: port.affinitySeconds !== undefined,
          ...(port.affinitySeconds === undefined ? {} : { affinitySeconds: port.affinitySeconds }),
        };
      }
      case 'refuse':
        return {
          kind: 'refused',
          verdicts: [
            ...new Set(
              expected.refusals.flatMap(({ verdict, must }) => (diagrams.has(must, valueOf) ? [verdict] : [])),
            ),
          ],
        };
      case 'untouched':
        return { kind: 'untouched' };
      case 'accept':
        return { kind: 'accepted' };
      case 'drop':
        return { kind: 'dropped' };
    }
  }
}

function blamedPacket({ through }: Finding, { packet }: Example): BlamedPacket {
  const host = through?.replace(/^\[?(.*?)\]?:\d+$/, '$1');
  return { isOwn: packet.inInterface === undefined, reachesItself: host !== undefined && host === packet.source };
}

/** The first of equally strange examples stays. */
function isStranger({ packet }: Example, told: Difference | undefined): boolean {
  return told !== undefined && strangeness(packet) >= strangeness(told.packet);
}

const FRONTENDS: readonly string[] = ['clusterIP', 'externalIP', 'loadBalancerIP', 'nodePort'];

function placeOf({ blame: [first] }: Difference): string {
  return first === undefined
    ? ''
    : `${first.table} ${first.chain} ${String(first.line ?? 0).padStart(8, '0')} ${first.text === undefined}`;
}

/** Chains that all Services use: what is missing there is one cause, however many Services suffer. */
const SHARED: ReadonlySet<string> = new Set([
  'KUBE-MARK-MASQ',
  'KUBE-POSTROUTING',
  'KUBE-FORWARD',
  'KUBE-FIREWALL',
  'KUBE-MARK-DROP',
]);

/** Differences that the same rule makes, as one. */
function joined(all: readonly Difference[]): readonly Difference[] {
  const groups = groupBy(all, (d) => {
    const [first] = d.blame;
    const isOne =
      first !== undefined && (first.text !== undefined || isBuiltIn(first.chain) || SHARED.has(first.chain));
    return isOne && d.service !== undefined
      ? `${d.kind} ${placeOf(d)}`
      : `${d.service ?? ''} ${d.protocol ?? ''} ${d.frontend ?? ''} ${d.kind} ${placeOf(d)}`;
  });
  return [...groups.values()].flatMap((group) => {
    const services = new Set(group.flatMap((d) => d.service ?? []));
    const byService = [...services].sort(compareStrings);
    const first = group.find((d) => d.service === byService[0]) ?? group[0];
    if (first === undefined) return [];
    if (byService.length < 2) return group;
    return [{ ...first, otherServices: byService.slice(1) }];
  });
}
