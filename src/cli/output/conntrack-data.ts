import type { StaleReason } from '../../core/analyze/conntrack/find-stale.ts';
import type { FrontendKind } from '../../core/analyze/conntrack/connection-targets.ts';
import type { IpFamily } from '../../core/model/ip.ts';
import type { ConntrackView } from './print-conntrack.ts';

interface Place {
  readonly address: string;
  readonly port: number;
}

/** What `conntrack -o json` prints. Scripts rely on it: fields are added, never renamed. */
export interface ConntrackData {
  readonly apiVersion: 'chainsmith/v1';
  readonly kind: 'Conntrack';
  /** As --netns named it; missing for the node itself, and for a file. */
  readonly networkNamespace?: string;
  readonly source: ConntrackView['source'];
  /** How many connections were looked at. */
  readonly tracked: number;
  readonly stale: readonly StaleData[];
  /** Missing where nothing was to be deleted. */
  readonly deleted?: number;
  /** Those that had ended when they were to be deleted. */
  readonly gone?: number;
  readonly problems?: readonly string[];
}

export interface StaleData extends Place {
  readonly service: string;
  readonly family: IpFamily;
  readonly protocol: 'UDP' | 'SCTP';
  readonly frontend: FrontendKind;
  /** Missing for what was not translated. */
  readonly sentTo?: Place;
  readonly reason: StaleReason;
  /** The clients. */
  readonly connections: readonly Place[];
}

export function conntrackData({ source, networkNamespace, tracked, stale, outcome }: ConntrackView): ConntrackData {
  return {
    apiVersion: 'chainsmith/v1',
    kind: 'Conntrack',
    ...(networkNamespace === undefined ? {} : { networkNamespace }),
    source,
    tracked,
    stale: stale.map(({ service, family, protocol, what, address, port, sentTo, reason, connections }): StaleData => ({
      service,
      family,
      protocol,
      frontend: what,
      address,
      port,
      ...(sentTo === undefined ? {} : { sentTo }),
      reason,
      connections: connections.map((one) => ({ address: one.source, port: one.sourcePort })),
    })),
    ...(outcome === undefined ? {} : { deleted: outcome.deleted, gone: outcome.gone, problems: outcome.problems }),
  };
}
