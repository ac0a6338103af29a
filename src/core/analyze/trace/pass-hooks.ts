// The way of a packet through netfilter's hooks, in the order of the kernel's priorities (netfilter_ipv4.h): raw -300, conntrack -200,
// mangle -150, DNAT -100, filter 0, security 50, SNAT 100, and at the end conntrack confirms a new connection.
//
//   from the network: PREROUTING -> is its destination local? -> INPUT
//                                                             -> FORWARD -> POSTROUTING
//   from the node:    OUTPUT -> POSTROUTING -> (to the node itself, by lo) PREROUTING -> INPUT
//
// IPVS (ip_vs_core.c) stands at INPUT 98 and 99, at OUTPUT -99 and -98, and behind FORWARD's filter.
import { appendTo } from '../../util/append.ts';
import type { Address } from './address.ts';
import type { Ended } from './apply-target.ts';
import type { Course, Connection, HookName } from './course.ts';
import { mergeCourses } from './course.ts';
import { asksNat, confirmed, followNat, seen } from './follow-nat.ts';
import { answerForIpvs, askIpvs } from './ipvs-step.ts';
import { Routing } from './routing.ts';
import type { ChainRunner, HookScene } from './run-chain.ts';

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

export function passHooks(way: Way, start: Course): readonly Arrived[] {
  return new HookWalker(way, start).walk(start);
}

class HookWalker {
  readonly #way: Way;
  readonly #arrived: Arrived[] = [];
  /** Of what the node sends. */
  readonly #sentFrom: Address | undefined;
  readonly #routing: Routing;

  constructor(way: Way, start: Course) {
    const { runner, origin } = way;
    this.#way = way;
    this.#sentFrom = origin === 'node' ? start.header.source : undefined;
    this.#routing = new Routing(runner.asker, origin, this.#sentFrom, (course) => this.#end([course], 'drop'));
  }

  walk(start: Course): readonly Arrived[] {
    if (this.#way.origin === 'node') this.#fromNode(start);
    else this.#fromNetwork([start], false);
    return this.#arrived;
  }

  #fromNode(start: Course): void {
    // Hooks of OUTPUT are told the interface of the first routing decision, even if NAT changes the destination meanwhile.
    for (const { courses, local } of this.#routing.routeOut([start])) {
      const out = local ? 'lo' : this.#way.outInterface;
      const left = this.#hook('OUTPUT', courses, '', out);
      for (const { courses: routed, local: toNode } of this.#routing.routeOut(left)) {
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
    for (const { courses, local } of this.#routing.route(routed)) {
      if (local) {
        const taken = isLooped ? courses : this.#routing.takenIn(courses);
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
    for (const { courses: routed, local } of this.#routing.route(taken)) {
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
}
