import { constants } from 'node:os';
import { PROTOCOL_NUMBER, type TrackedConnection } from '../../core/analyze/conntrack/tracked-connection.ts';
import { deleteConntrack, listConntrack, type ConntrackEntry } from '../netlink/conntrack/conntrack.ts';
import { openNetlinkSocket, type OpenSocketOptions } from '../netlink/open-socket.ts';
import { listAddresses } from '../netlink/route/addresses.ts';
import type { NetlinkSocket } from '../netlink/request.ts';
import type { ConntrackTable, DeleteOutcome } from './conntrack-table.ts';

export interface NetlinkConnection extends TrackedConnection {
  readonly entry: ConntrackEntry;
}

const { ENOENT } = constants.errno;

/** Throws NetlinkUnavailable where koffi is missing. */
export function openNetlinkConntrack(options: OpenSocketOptions): ConntrackTable<NetlinkConnection> {
  const netfilter = openNetlinkSocket('netfilter', options);
  return conntrackOver(netfilter, () => openNetlinkSocket('route', options));
}

/** @param openRoute for the addresses, which only node ports take */
export function conntrackOver(
  netfilter: NetlinkSocket,
  openRoute: () => NetlinkSocket,
): ConntrackTable<NetlinkConnection> {
  return {
    executor: 'netlink',
    list: (families, protocols) =>
      settled(() =>
        families.flatMap((family) =>
          protocols.flatMap((protocol) =>
            listConntrack(netfilter, { family, protocol: PROTOCOL_NUMBER[protocol] }).flatMap(toConnection),
          ),
        ),
      ),
    localAddresses: () =>
      settled(() => {
        const route = openRoute();
        try {
          return listAddresses(route).map(({ ip }) => ip);
        } finally {
          route.close();
        }
      }),
    delete: (groups) =>
      settled(() =>
        deleteEntries(
          netfilter,
          groups.flatMap(({ connections }) => connections.map(({ entry }) => entry)),
        ),
      ),
    close: () => netfilter.close(),
  };
}

/** Netlink answers at once; who waits for tools waits here as well. */
function settled<T>(run: () => T): Promise<T> {
  return Promise.resolve().then(run);
}

function toConnection(entry: ConntrackEntry): readonly NetlinkConnection[] {
  const { original, reply } = entry;
  if (original.transport.kind !== 'ports' || reply.transport.kind !== 'ports') return [];
  return [
    {
      protocol: original.transport.protocol,
      source: original.source.text,
      sourcePort: original.transport.sourcePort,
      destination: original.destination.text,
      destinationPort: original.transport.destinationPort,
      target: reply.source.text,
      targetPort: reply.transport.sourcePort,
      entry,
    },
  ];
}

/** By their addresses and numbers: what came in the place of one meanwhile stays. */
function deleteEntries(socket: NetlinkSocket, entries: readonly ConntrackEntry[]): DeleteOutcome {
  // A listing has an entry twice if the table grew meanwhile.
  const once = [...new Map(entries.map((entry, i) => [entry.id ?? `no number ${i}`, entry])).values()];
  const failures = deleteConntrack(socket, once);
  const problems = failures.filter(({ error }) => error.errno !== ENOENT);
  return {
    deleted: once.length - failures.length,
    gone: failures.length - problems.length,
    problems: problems.map(({ error }) => error.message),
  };
}
