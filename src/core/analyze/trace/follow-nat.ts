// What conntrack does by itself with packets of connections that it knows.
import type { Connection, Course, Step, Translation } from './course.ts';
import { withStep } from './course.ts';
import { hasConnection } from './matches/connection.ts';
import { PROTOCOL } from './packet.ts';
import type { HookScene } from './run-chain.ts';

/** conntrack has its turn behind the table raw. */
export function seen(course: Course): Course {
  return course.connection.seen ? course : { ...course, connection: { ...course.connection, seen: true } };
}

export function confirmed(course: Course): Course {
  return { ...course, connection: { ...course.connection, confirmed: true } };
}

/** RELATED packets are first packets of expected connections, or errors about a connection that is known. */
export function asksNat({ connection, header: { protocol } }: Course): boolean {
  if (connection.state === 'NEW') return true;
  return connection.state === 'RELATED' && protocol !== PROTOCOL.icmp && protocol !== PROTOCOL.icmp6;
}

/** nf_nat_packet: gives a packet of a known connection the addresses that its first packet got, a reply those of before. */
export function followNat(course: Course, { hook, table }: HookScene, changesDestination: boolean): Course {
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
