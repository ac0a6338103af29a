// Routing decisions: whether a packet is for the node, and the packets of loopback addresses that Linux does not route.
import { isLimitedBroadcast, isLoopbackAddress, isMulticast, type Address } from './address.ts';
import type { Course } from './course.ts';
import { isLocal } from './matches/address-type.ts';
import type { Question } from './question.ts';
import type { ChainRunner } from './run-chain.ts';
import { splitByQuestion } from './weight.ts';

export interface Routed {
  readonly courses: readonly Course[];
  /** They are for the node itself. */
  readonly local: boolean;
}

const ROUTE_LOCALNET: Question = {
  kind: 'route-localnet',
  key: 'route-localnet',
  subject: 'route_localnet',
  yes: 'route_localnet is set (net.ipv4.conf.all.route_localnet), without which Linux drops packets from or to 127.0.0.0/8 here',
  no: 'route_localnet is not set (net.ipv4.conf.all.route_localnet), so Linux drops packets from or to 127.0.0.0/8 here',
  place: undefined,
};

export class Routing {
  readonly #asker: ChainRunner['asker'];
  readonly #origin: 'network' | 'node';
  readonly #sentFrom: Address | undefined;
  readonly #drop: (course: Course) => void;

  /**
   * @param sentFrom the source of a packet that the node sends
   * @param drop takes what Linux does not route
   */
  constructor(
    asker: ChainRunner['asker'],
    origin: 'network' | 'node',
    sentFrom: Address | undefined,
    drop: (course: Course) => void,
  ) {
    this.#asker = asker;
    this.#origin = origin;
    this.#sentFrom = sentFrom;
    this.#drop = drop;
  }

  /** By the destination that the packet has now. */
  route(courses: readonly Course[]): readonly Routed[] {
    const parts: { readonly [K in 'yes' | 'no']: Course[] } = { yes: [], no: [] };
    for (const course of courses) this.#routeOne(course, parts);
    return [
      { courses: parts.yes, local: true },
      { courses: parts.no, local: false },
    ].filter((part) => part.courses.length > 0);
  }

  /** The same for what the node sends: __mkroute_output (route.c) refuses loopback addresses as sources of what leaves. */
  routeOut(courses: readonly Course[]): readonly Routed[] {
    return this.route(courses).map((part) => {
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

  /** Of what the network sends to the node, all but what is for loopback addresses, unless that may come. */
  takenIn(courses: readonly Course[]): readonly Course[] {
    return this.#overLocalnet(courses, ({ header }) => isLoopbackV4(header.destination));
  }

  /** Only IPv4 has route_localnet. */
  #overLocalnet(courses: readonly Course[], needs: (course: Course) => boolean): readonly Course[] {
    if (!courses.some(needs)) return courses;
    const known = this.#asker.ask(ROUTE_LOCALNET);
    if (known === true) return courses;
    return courses.flatMap((course) => {
      if (!needs(course)) return [course];
      const [yes, no] =
        known === undefined ? splitByQuestion(course.weight, ROUTE_LOCALNET) : [undefined, course.weight];
      if (no !== undefined) this.#drop({ ...course, weight: no });
      return yes === undefined ? [] : [{ ...course, weight: yes }];
    });
  }

  #routeOne(course: Course, to: { readonly yes: Course[]; readonly no: Course[] }): void {
    const { destination } = course.header;
    const { assumptions } = this.#asker;
    const stays = destination !== 'own' && (isMulticast(destination) || isLimitedBroadcast(destination));
    // Multicast and broadcast that arrive are for the node; what it sends of them leaves.
    if (stays) {
      (this.#origin === 'network' ? to.yes : to.no).push(course);
      return;
    }
    const local = isLocal(destination, { assumptions, sentFrom: this.#sentFrom });
    if (typeof local === 'boolean' || local.kind === 'chance') {
      (local === true ? to.yes : to.no).push(course);
      return;
    }
    const question: Question = { ...local.question, place: undefined };
    const answer = this.#asker.ask(question);
    if (answer !== undefined) {
      (answer === local.negated ? to.no : to.yes).push(course);
      return;
    }
    const [yes, no] = splitByQuestion(course.weight, question);
    if (yes !== undefined) to.yes.push({ ...course, weight: yes });
    if (no !== undefined) to.no.push({ ...course, weight: no });
  }
}

/** Linux drops packets to loopback that come from elsewhere, and those from it that leave, unless route_localnet is set (IPv4). */
export function needsRouteLocalnet({
  origin,
  course: { header, leavesLoopback },
}: {
  readonly origin: 'network' | 'node';
  readonly course: Course;
}): boolean {
  return leavesLoopback || (origin === 'network' && isLoopbackAddress(header.destination));
}

function isLoopbackV4(address: Address): boolean {
  return address !== 'own' && address.family === 'ipv4' && isLoopbackAddress(address);
}
