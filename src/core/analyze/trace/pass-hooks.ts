// The way of a packet through netfilter's hooks, in the order of the kernel's priorities (netfilter_ipv4.h): raw -300, conntrack -200,
// mangle -150, DNAT -100, filter 0, security 50, SNAT 100, and at the end conntrack confirms a new connection.
//
//   from the network: PREROUTING -> is its destination local? -> INPUT
//                                                             -> FORWARD -> POSTROUTING
//   from the node:    OUTPUT -> POSTROUTING -> (to the node itself, by lo) PREROUTING -> INPUT
//
// IPVS (ip_vs_core.c) stands at INPUT 98 and 99, at OUTPUT -99 and -98, and behind FORWARD's filter.
import { appendTo } from '../../util/append.ts';
import { isLimitedBroadcast, isLoopbackAddress, isMulticast, type Address } from './address.ts';
import type { Ended } from './apply-target.ts';
import type { Course, Connection, HookName, Step, Translation } from './course.ts';
import { mergeCourses, withStep } from './course.ts';
import { isLocal } from './matches/address-type.ts';
import { hasConnection } from './matches/connection.ts';
import { PROTOCOL } from './packet.ts';
import { answerForIpvs, askIpvs } from './ipvs-step.ts';
import type { Question } from './question.ts';
import type { ChainRunner, HookScene } from './run-chain.ts';
import { splitByQuestion } from './weight.ts';

/** Where a packet ends. */
export interface Arrived {
  readonly course: Course;
  /** `local`: a process of the node gets it. `away`: it leaves the node. Else it ends on the way. */
  readonly end: 'local' | 'away' | 'drop' | 'reject' | 'unknown';
  readonly origin: Way['origin'];
  /** Of a reply: what it replies to. */
  readonly first?: Arrived;
}

/** What is the same on all of the way. */
export interface Way {
  readonly runner: ChainRunner;
  readonly origin: 'network' | 'node';
  readonly inInterface: string | undefined;
  readonly outInterface: string | undefined;
  readonly assumedSourcePort: boolean;
}

const TABLES: Readonly<Record<HookName, readonly string[]>> = {
  PREROUTING: ['raw', 'mangle', 'nat'],
  INPUT: ['mangle', 'filter', 'security', 'nat'],
  FORWARD: ['mangle', 'filter', 'security'],
  OUTPUT: ['raw', 'mangle', 'nat', 'filter', 'security'],
  POSTROUTING: ['mangle', 'nat'],
};

const IPVS_BEFORE: { readonly [H in HookName]?: string } = { INPUT: 'nat', OUTPUT: 'filter' };

const ROUTE_LOCALNET: Question = {
  kind: 'route-localnet',
  key: 'route-localnet',
  subject: 'route_localnet',
  yes: 'route_localnet is set (net.ipv4.conf.all.route_localnet), without which Linux drops packets from or to 127.0.0.0/8 here',
  no: 'route_localnet is not set (net.ipv4.conf.all.route_localnet), so Linux drops packets from or to 127.0.0.0/8 here',
  place: undefined,
};

export function passHooks(way: Way, start: Course): readonly Arrived[] {
  return new HookWalker(way).walk(start);
}

class HookWalker {
  readonly #way: Way;
  readonly #arrived: Arrived[] = [];
  #sentFrom: Address | undefined;

  constructor(way: Way) {
    this.#way = way;
  }

  walk(start: Course): readonly Arrived[] {
    if (this.#way.origin === 'node') {
      this.#sentFrom = start.header.source;
      this.#fromNode(start);
    } else this.#fromNetwork([start], false);
    return this.#arrived;
  }

  #fromNode(start: Course): void {
    // Hooks of OUTPUT are told the interface of the first routing decision, even if NAT changes the destination meanwhile.
    for (const { courses, local } of this.#routeOut([start])) {
      const out = local ? 'lo' : this.#way.outInterface;
      const left = this.#hook('OUTPUT', courses, '', out);
      for (const { courses: routed, local: toNode } of this.#routeOut(left)) {
        const posted = this.#hook('POSTROUTING', routed, '', toNode ? 'lo' : this.#way.outInterface).map(confirmed);
        if (toNode) this.#fromNetwork(posted, true);
        else this.#end(posted, 'away');
      }
    }
  }

  /** @param isLooped by lo, from the node itself: conntrack knows the packet already */
  #fromNetwork(start: readonly Course[], isLooped: boolean): void {
    const inInterface = isLooped ? 'lo' : this.#way.inInterface;
    const routed = this.#hook('PREROUTING', start, inInterface, '');
    for (const { courses, local } of this.#route(routed)) {
      if (local) {
        const taken = isLooped
          ? courses
          : this.#overLocalnet(courses, ({ header }) => isLoopbackV4(header.destination));
        this.#end(this.#hook('INPUT', taken, inInterface, ''), 'local');
      } else {
        const forwarded = this.#hook('FORWARD', courses, inInterface, this.#way.outInterface);
        this.#end(this.#hook('POSTROUTING', forwarded, inInterface, this.#way.outInterface), 'away');
      }
    }
  }

  #end(courses: readonly Course[], end: Arrived['end']): void {
    appendTo(
      this.#arrived,
      courses.map((course) => ({ course, end, origin: this.#way.origin })),
    );
  }

  #hook(
    hook: HookName,
    courses: readonly Course[],
    inInterface: string | undefined,
    outInterface: string | undefined,
  ): readonly Course[] {
    let here = courses;
    for (const table of TABLES[hook]) {
      if (table === IPVS_BEFORE[hook]) here = this.#ipvs(hook, here);
      const scene = this.#scene(hook, table, inInterface, outInterface);
      const next = table === 'nat' ? this.#nat(scene, here) : this.#table(scene, here);
      here = next.length > here.length ? mergeCourses(next) : next;
      if (table === 'raw') here = here.map(seen);
    }
    return hook === 'FORWARD' ? here.map((course) => answerForIpvs(hook, course)) : here;
  }

  /** What IPVS sends to another node leaves at once. */
  #ipvs(hook: HookName, courses: readonly Course[]): readonly Course[] {
    const answered = courses.map((course) => answerForIpvs(hook, course));
    const { passed, taken, ended } = askIpvs(this.#way.runner, hook, answered);
    const here = [...passed];
    appendTo(here, this.#accepted(ended));
    for (const { courses: routed, local } of this.#route(taken)) {
      if (local) appendTo(here, routed);
      else this.#sendAnew(routed);
    }
    return here;
  }

  /** ip_vs_nat_send_or_cont (ip_vs_xmit.c): through OUTPUT, as if the node had made the packet. */
  #sendAnew(courses: readonly Course[]): void {
    const out = this.#way.outInterface;
    const left = this.#hook('OUTPUT', courses, '', out);
    this.#end(this.#hook('POSTROUTING', left, '', out), 'away');
  }

  #scene(hook: HookName, table: string, inInterface: string | undefined, outInterface: string | undefined): HookScene {
    const { runner, assumedSourcePort } = this.#way;
    const { assumptions } = runner.asker;
    return { hook, table, inInterface, outInterface, sentFrom: this.#sentFrom, assumptions, assumedSourcePort };
  }

  #table(scene: HookScene, courses: readonly Course[]): readonly Course[] {
    return this.#accepted(this.#way.runner.runBase(scene, courses));
  }

  #accepted(ended: readonly Ended[]): readonly Course[] {
    const accepted: Course[] = [];
    for (const { course, verdict } of ended) {
      if (verdict === 'accept') accepted.push(course);
      else this.#arrived.push({ course, end: verdict, origin: this.#way.origin });
    }
    return accepted;
  }

  /** nf_nat_inet_fn: rules are asked for the first packet of a connection, once per direction of translation; later ones follow it. */
  #nat(scene: HookScene, courses: readonly Course[]): readonly Course[] {
    const changesDestination = scene.hook === 'PREROUTING' || scene.hook === 'OUTPUT';
    const done = (connection: Connection): boolean =>
      changesDestination ? connection.destinationDone : connection.sourceDone;
    const settled = { [changesDestination ? 'destinationDone' : 'sourceDone']: true };
    const [known, first]: [Course[], Course[]] = [[], []];
    for (const course of courses) (asksNat(course) && !done(course.connection) ? first : known).push(course);
    const translated = known.map((course) =>
      // IPVS has given it a destination meanwhile.
      course.handled && changesDestination && course.connection.direction === 'ORIGINAL'
        ? course
        : followNat(course, scene, changesDestination),
    );
    const asked = this.#table(scene, first).map((course) => ({
      ...course,
      connection: { ...course.connection, ...settled },
    }));
    return [...translated, ...asked];
  }

  /** By the destination that the packet has now. */
  #route(courses: readonly Course[]): readonly { readonly courses: readonly Course[]; readonly local: boolean }[] {
    const parts: { readonly [K in 'yes' | 'no']: Course[] } = { yes: [], no: [] };
    for (const course of courses) this.#routeOne(course, parts);
    return [
      { courses: parts.yes, local: true },
      { courses: parts.no, local: false },
    ].filter((part) => part.courses.length > 0);
  }

  /** The same for what the node sends: __mkroute_output (route.c) refuses loopback addresses as sources of what leaves. */
  #routeOut(courses: readonly Course[]): readonly { readonly courses: readonly Course[]; readonly local: boolean }[] {
    return this.#route(courses).map((part) => {
      if (part.local) return part;
      const leaving = this.#overLocalnet(part.courses, ({ header }) => isLoopbackV4(header.source));
      return {
        local: false,
        courses: leaving.map((course) =>
          isLoopbackV4(course.header.source) ? { ...course, leavesLoopback: true } : course,
        ),
      };
    });
  }

  /** Only IPv4 has route_localnet. */
  #overLocalnet(courses: readonly Course[], needs: (course: Course) => boolean): readonly Course[] {
    if (!courses.some(needs)) return courses;
    const { asker } = this.#way.runner;
    const known = asker.ask(ROUTE_LOCALNET);
    if (known === true) return courses;
    return courses.flatMap((course) => {
      if (!needs(course)) return [course];
      const [yes, no] =
        known === undefined ? splitByQuestion(course.weight, ROUTE_LOCALNET) : [undefined, course.weight];
      if (no !== undefined) this.#end([{ ...course, weight: no }], 'drop');
      return yes === undefined ? [] : [{ ...course, weight: yes }];
    });
  }

  #routeOne(course: Course, to: { readonly yes: Course[]; readonly no: Course[] }): void {
    const { runner, origin } = this.#way;
    const { destination } = course.header;
    const { assumptions } = runner.asker;
    const stays = destination !== 'own' && (isMulticast(destination) || isLimitedBroadcast(destination));
    // Multicast and broadcast that arrive are for the node; what it sends of them leaves.
    if (stays) {
      (origin === 'network' ? to.yes : to.no).push(course);
      return;
    }
    const local = isLocal(destination, { assumptions, sentFrom: this.#sentFrom });
    if (typeof local === 'boolean' || local.kind === 'chance') {
      (local === true ? to.yes : to.no).push(course);
      return;
    }
    const question: Question = { ...local.question, place: undefined };
    const answer = runner.asker.ask(question);
    if (answer !== undefined) {
      (answer === local.negated ? to.no : to.yes).push(course);
      return;
    }
    const [yes, no] = splitByQuestion(course.weight, question);
    if (yes !== undefined) to.yes.push({ ...course, weight: yes });
    if (no !== undefined) to.no.push({ ...course, weight: no });
  }
}

/** conntrack has its turn behind the table raw. */
function seen(course: Course): Course {
  return course.connection.seen ? course : { ...course, connection: { ...course.connection, seen: true } };
}

function confirmed(course: Course): Course {
  return { ...course, connection: { ...course.connection, confirmed: true } };
}

/** RELATED packets are first packets of expected connections, or errors about a connection that is known. */
function asksNat({ connection, header: { protocol } }: Course): boolean {
  if (connection.state === 'NEW') return true;
  return connection.state === 'RELATED' && protocol !== PROTOCOL.icmp && protocol !== PROTOCOL.icmp6;
}

/** nf_nat_packet: gives a packet of a known connection the addresses that its first packet got, a reply those of before. */
function followNat(course: Course, { hook, table }: HookScene, changesDestination: boolean): Course {
  const { connection, header } = course;
  if (!hasConnection(connection) || connection.state === 'NEW') return course;
  const isReply = connection.direction === 'REPLY';
  const nat = changesDestination === isReply ? connection.sourceNat : connection.destinationNat;
  if (nat === undefined) return course;
  const { address, port } = isReply ? before(connection, changesDestination) : after(nat, header.sourcePort);
  const changed = changesDestination
    ? { ...header, destination: address, destinationPort: port ?? header.destinationPort }
    : { ...header, source: address, sourcePort: port ?? header.sourcePort };
  const effect = { kind: changesDestination ? 'destination' : 'source', address, port } as const;
  const step: Step = { hook, table, chain: hook, rule: undefined, effect, chance: undefined, conditions: [] };
  return withStep({ ...course, header: changed }, step);
}

type Place = Pick<Translation, 'address' | 'port'>;

function after({ address, port }: Translation, keeps: number | undefined): Place {
  return { address, port: port ?? keeps };
}

/** What a reply is turned back into. */
function before({ original }: Connection, changesDestination: boolean): Place {
  return changesDestination
    ? { address: original.source, port: original.sourcePort }
    : { address: original.destination, port: original.destinationPort };
}

/** Linux drops packets to loopback that come from elsewhere, and those from it that leave, unless route_localnet is set (IPv4). */
export function needsRouteLocalnet({ origin, course: { header, leavesLoopback } }: Arrived): boolean {
  return leavesLoopback || (origin === 'network' && isLoopbackAddress(header.destination));
}

function isLoopbackV4(address: Address): boolean {
  return address !== 'own' && address.family === 'ipv4' && isLoopbackAddress(address);
}
