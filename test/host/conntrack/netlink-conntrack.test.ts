import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { conntrackOver, type NetlinkConnection } from '../../../src/host/conntrack/netlink-conntrack.ts';
import type { ConntrackEntry } from '../../../src/host/netlink/conntrack/conntrack.ts';
import type { ConntrackTuple } from '../../../src/host/netlink/conntrack/tuple.ts';
import { NetlinkError } from '../../../src/host/netlink/netlink-error.ts';
import type { BatchFailure, NetlinkRequest, NetlinkSocket } from '../../../src/host/netlink/request.ts';
import { ip } from '../../support/builders.ts';
import { staleGroup } from '../../support/stale-group.ts';

const { ENOENT, EPERM } = constants.errno;

function tuple(source: string, sourcePort: number, destination: string, destinationPort: number): ConntrackTuple {
  const transport = { kind: 'ports', protocol: 17, sourcePort, destinationPort } as const;
  return { source: ip(source), destination: ip(destination), transport, zone: undefined };
}

function connection(client: string, id: number | undefined): NetlinkConnection {
  const entry: ConntrackEntry = {
    original: tuple(client, 4000, '10.96.0.10', 53),
    reply: tuple('10.244.0.3', 53, client, 4000),
    zone: 0,
    id,
    mark: 0,
    timeout: 30,
    isReplied: false,
    isAssured: false,
    isSourceTranslated: false,
    isDestinationTranslated: true,
  };
  const ends = { source: client, sourcePort: 4000, destination: '10.96.0.10', destinationPort: 53 };
  return { protocol: 17, ...ends, target: '10.244.0.3', targetPort: 53, entry };
}

/** Refuses what names one of these clients. */
function socketRefusing(errnoOf: { readonly [client: string]: number }, sent: string[]): NetlinkSocket {
  const unused = (): never => {
    throw new Error('not asked for');
  };
  return {
    execute: unused,
    query: unused,
    dump: unused,
    batch: (requests: readonly NetlinkRequest[]): readonly BatchFailure[] =>
      requests.flatMap(({ operation }, index) => {
        sent.push(operation);
        const errno = Object.entries(errnoOf).find(([client]) => operation.includes(` ${client}:`))?.[1];
        return errno === undefined
          ? []
          : [{ index, error: new NetlinkError({ operation, errno }), request: undefined }];
      }),
    close: () => {},
  };
}

describe('conntrack over netlink', () => {
  it('deletes exact entries, counts what had ended, and tells what was refused', async () => {
    const sent: string[] = [];
    const socket = socketRefusing({ '10.0.0.2': ENOENT, '10.0.0.3': EPERM }, sent);
    const clients = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'];
    const connections = clients.map((client, i) => connection(client, i + 1));
    const outcome = await conntrackOver(socket, () => socket).delete([staleGroup(connections)]);
    assert.deepEqual(outcome, {
      deleted: 2,
      gone: 1,
      problems: ['delete the tracked connection udp 10.0.0.3:4000 -> 10.96.0.10:53: operation not permitted (EPERM)'],
    });
    assert.equal(sent.length, 4);
  });

  it('deletes once what a listing had twice', async () => {
    const sent: string[] = [];
    const socket = socketRefusing({}, sent);
    const twice = [connection('10.0.0.1', 7), connection('10.0.0.1', 7)];
    const unnumbered = [connection('10.0.0.2', undefined), connection('10.0.0.3', undefined)];
    const outcome = await conntrackOver(socket, () => socket).delete([staleGroup(twice), staleGroup(unnumbered)]);
    assert.deepEqual(outcome, { deleted: 3, gone: 0, problems: [] });
    assert.equal(sent.length, 3);
  });
});
