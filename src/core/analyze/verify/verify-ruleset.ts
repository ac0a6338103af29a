import { addressNumber } from './address-number.ts';
import type { Ip } from '../../model/ip.ts';
import type { IpvsConfig } from '../../model/proxy-config.ts';
import type { IpSet } from '../../ruleset/ip-set.ts';
import type { IpvsTable } from '../../ruleset/virtual-server.ts';
import type { Ruleset } from '../../ruleset/ruleset.ts';
import type { ProxySettings } from '../../services/proxy-settings.ts';
import type { ServiceTable } from '../../services/service-table.ts';
import type { RunOptions } from './run-options.ts';
import { DeliveryCheck } from './delivery-check.ts';
import { ALWAYS, NEVER, TooHard, type Diagram } from './node-table.ts';
import type { VerifyResult } from './difference.ts';
import { ExistingCheck } from './existing-check.ts';
import { Matcher } from './matcher.ts';
import type { Tracking } from './view.ts';
import { PacketPath } from './packet-path.ts';
import type { PathParts } from './path-parts.ts';
import type { Place } from './place.ts';
import { Places } from './places.ts';
import { Programs } from './programs.ts';
import { TooManyWays } from './too-many-ways.ts';
import { Reporter } from './reporter.ts';
import { RestCheck, type RestParts } from './rest-check.ts';
import { exampleSources, loopback, makeSetting, possiblePackets, type Setting } from './setting.ts';
import { KubeOnly } from './kube-only.ts';
import { IpvsSpecification } from './ipvs/ipvs-specification.ts';
import { ipvsWorld, type IpvsWorld } from './ipvs/ipvs-world.ts';
import { ServedCheck } from './ipvs/served-check.ts';
import { DESTINATION_TYPE } from './levels.ts';
import { isLoopbackAddress, Specification, specificationCuts } from './specification.ts';

/** What rules must do, for one family. */
export interface VerifySubject {
  readonly table: ServiceTable;
  readonly settings: ProxySettings;
  /** Known addresses of the node's interfaces; of every other address both are tried. */
  readonly localAddresses: readonly Ip[];
  /** The ipvs mode. Undefined: the iptables mode. */
  readonly ipvs?: IpvsSubject | undefined;
}

/** What a node in ipvs mode has besides rules, of both families, and what is configured. */
export interface IpvsSubject {
  readonly table: IpvsTable;
  /** By name. */
  readonly sets: ReadonlyMap<string, IpSet>;
  readonly config: IpvsConfig;
}

export interface VerifyOptions {
  /** Nodes of decision diagrams before a question counts as too hard; 60 bytes each. */
  readonly mostNodes?: number;
  /** What rules of others do to Service traffic does not refute. */
  readonly ignoreOthers?: boolean;
  /** Only first packets to frontends of these service ports (`namespace/name:port`), and nothing else. Default: every packet. */
  readonly only?: ReadonlySet<string> | undefined;
}

/** Diagrams are thrown away between classes of packets once they have so many nodes. */
const RENEW_ABOVE = 1_500_000;
const EXISTING: readonly Tracking[] = ['ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'];

/**
 * Decides for every packet whether the rules of a node do what its ServiceTable says: the right endpoints with equal chances, the right
 * masquerading, REJECT and DROP where due, and nothing to packets of no Service.
 *
 * The destinations are partitioned into classes that nothing tells apart (`Places`), some for each frontend and a few for all else. For
 * each class the rules are run once, with sets of packets in place of a packet: decision diagrams over source, interfaces, types of
 * addresses, marks, lists and sets (`ChainRunner`), chances exact. What comes out is compared with diagrams that are made of the table
 * (`Specification`), endpoint by endpoint. Nothing is sampled; what differs is the exact set of packets to which the wrong thing happens.
 */
export function verifyRuleset(ruleset: Ruleset, subject: VerifySubject, options: VerifyOptions = {}): VerifyResult {
  return new Verification(ruleset, subject, options).run();
}

class Verification {
  readonly #subject: VerifySubject;
  readonly #programs: Programs;
  readonly #setting: Setting;
  readonly #places: Places;
  readonly #placesOutsideNat: Places;
  readonly #parts: RestParts;
  readonly #kubeOnly: KubeOnly;
  readonly #reporter: Reporter;
  #possible: { readonly generation: number; readonly packets: Diagram } | undefined;
  readonly #ignoreOthers: boolean;
  readonly #only: ReadonlySet<string> | undefined;
  readonly #world: IpvsWorld | undefined;
  #classes = 0;

  constructor(
    ruleset: Ruleset,
    subject: VerifySubject,
    { mostNodes = 6_000_000, ignoreOthers = false, only }: VerifyOptions,
  ) {
    this.#ignoreOthers = ignoreOthers;
    this.#only = only;
    this.#subject = subject;
    const { table, settings, localAddresses } = subject;
    const { family } = settings;
    this.#programs = new Programs(ruleset);
    const { rules } = this.#programs;
    const world = subject.ipvs && ipvsWorld(this.#programs, { ...subject, ipvs: subject.ipvs });
    this.#setting = makeSetting({
      family,
      rules,
      localAddresses,
      cuts: world?.cuts ?? specificationCuts(table, settings),
      bound: world?.bound ?? [],
      mostNodes,
    });
    const { work, facts } = this.#setting;
    this.#places = new Places(rules, facts);
    // Sets name what rules do not.
    const outside = world === undefined ? { ...facts, points: [], ports: healthPorts(table) } : facts;
    this.#placesOutsideNat = new Places(this.#programs.rulesOutsideNat(), outside);
    const matcher = new Matcher(work, family, addressNumber(settings.nodeIp), world);
    const later = world === undefined ? { ...facts, points: [], ports: [] } : facts;
    const path: PathParts = {
      work,
      programs: this.#programs,
      matcher,
      laterPlaces: new Places(this.#programs.rulesAfterTranslation(), later),
      packets: ALWAYS,
      servers: world?.servers,
    };
    const markBit = settings.masqueradeMark;
    const run: RunOptions = {
      without: undefined,
      record: false,
      zeroBits: markBit | this.#programs.kubeMarkBits(),
      ownBits: markBit,
    };
    this.#reporter = new Reporter({
      path,
      options: run,
      facts: { family, nodeIp: settings.nodeIp, sources: exampleSources(settings, family) },
      markBit,
      possible: () => this.#possiblePackets(),
    });
    this.#kubeOnly = new KubeOnly(path, run, facts);
    this.#world = world;
    this.#parts = this.#makeParts(path, run);
  }

  #makeParts(path: PathParts, run: RunOptions): RestParts {
    const { table, settings } = this.#subject;
    const { work, matcher } = path;
    const world = this.#world;
    return {
      work,
      matcher,
      specification:
        world === undefined
          ? new Specification(table, settings, work, matcher)
          : new IpvsSpecification(world.meaning, work, matcher),
      path: new PacketPath(path, run),
      pathOfOthers: new PacketPath(path, { ...run, without: 'kube' }),
      markBit: settings.masqueradeMark,
      found: (finding) => this.#reporter.found(finding),
      doubted: (doubt) => this.#reporter.doubted(doubt),
      listOwners: new Map(),
      settings: world?.meaning.settings ?? settings,
      fromLoopback: () => work.sources.anyOf(work.diagrams, loopback(settings.family)),
    };
  }

  run(): VerifyResult {
    for (const place of this.#places.all()) {
      if (this.#isAsked(place)) this.#attempt(place, () => this.#first(place));
    }
    for (const place of this.#only === undefined ? this.#placesOutsideNat.all() : []) {
      for (const tracking of EXISTING) this.#attempt(place, () => this.#later(place, tracking));
    }
    for (const reason of this.#world?.unclear ?? []) this.#reporter.tooHard([], reason);
    const all = this.#reporter.differences();
    const tolerated = this.#ignoreOthers ? all.filter(({ kind }) => kind === 'changed-by-others') : [];
    const differences = all.filter((difference) => !tolerated.includes(difference));
    const undecided = this.#reporter.undecided();
    const { table } = this.#subject;
    return {
      verdict: differences.length > 0 ? 'refuted' : undecided.length > 0 ? 'undecided' : 'proved',
      differences,
      tolerated,
      undecided,
      stats: {
        rules: this.#programs.rules.length,
        servicePorts: table.servicePorts.length,
        endpoints: table.servicePorts.reduce((sum, port) => sum + port.reachableEndpoints.length, 0),
        points: this.#places.pointCount,
        regions: this.#places.regionCount,
        classes: this.#classes,
      },
    };
  }

  #isAsked(place: Place): boolean {
    const only = this.#only;
    return (
      only === undefined || this.#parts.specification.frontendsAt(place).some(({ port: { name } }) => only.has(name))
    );
  }

  #possiblePackets(): Diagram {
    const { generation } = this.#setting.work;
    if (this.#possible?.generation !== generation)
      this.#possible = { generation, packets: possiblePackets(this.#setting) };
    return this.#possible.packets;
  }

  #attempt(place: Place, check: () => void): void {
    const { work } = this.#setting;
    work.renew(RENEW_ABOVE);
    this.#classes += 1;
    try {
      check();
    } catch (error) {
      if (!(error instanceof TooHard)) throw error;
      const names = this.#parts.specification.frontendsAt(place).map(({ port }) => port.name);
      const rules = error instanceof TooManyWays ? error.rules : [];
      this.#reporter.tooHard(names, `too many combinations of rules: ${error.message}`, rules);
      work.renew(0);
    }
  }

  /** Packets that are not the first. */
  #later(place: Place, tracking: Tracking): void {
    const isLetThrough =
      this.#programs.chain('filter', 'FORWARD')?.policy !== 'DROP' ||
      tracking === 'INVALID' ||
      tracking === 'UNTRACKED';
    if (isLetThrough && !this.#kubeOnly.mayAct(place, tracking)) return;
    new ExistingCheck(this.#parts, place, tracking).run();
  }

  /** The first packets of connections to a place. */
  #first(place: Place): void {
    const { specification, settings } = this.#parts;
    const isSpecial =
      specification.frontendsAt(place).length > 0 ||
      specification.healthCheckAt(place) !== undefined ||
      specification.refusals(place, DESTINATION_TYPE).length > 0 ||
      isLoopbackAddress(place.address, settings);
    if (!isSpecial && !this.#kubeOnly.mayAct(place, 'NEW')) return;
    const arrivals = this.#parts.path.arrive(place, ALWAYS, 'NEW');
    const { deliveries, rest } = this.#parts.specification.deliveries(place, ALWAYS);
    for (const delivery of deliveries) {
      if (this.#world === undefined) new DeliveryCheck(this.#parts, place, delivery).run(arrivals);
      else new ServedCheck({ ...this.#parts, ...this.#world }, place, delivery).run(arrivals);
    }
    if (rest !== NEVER) new RestCheck(this.#parts, place).run(arrivals, rest);
  }
}

function healthPorts({ servicePorts }: ServiceTable): readonly { readonly protocol: number; readonly port: number }[] {
  return servicePorts.flatMap(({ healthCheckNodePort }) =>
    healthCheckNodePort === 0 ? [] : [{ protocol: 6, port: healthCheckNodePort }],
  );
}
