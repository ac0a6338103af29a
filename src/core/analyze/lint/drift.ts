// What the rules of a node serve, against what the snapshot says that they should.
import { savedIpText } from '../../model/ip.ts';
import type { Protocol } from '../../model/kubernetes.ts';
import { savedEndpointText } from '../../services/endpoint.ts';
import type { ServicePortEntry } from '../../services/service-port.ts';
import type { DumpView } from './dump-view.ts';
import { groupedBy } from './grouped.ts';
import type { LintContext } from './lint-context.ts';
import type { EndpointChain } from './endpoint-chain.ts';
import { frontendKey, type Frontend } from './frontend.ts';
import type { Refusal } from './refusal.ts';

const PROTOCOL_NUMBERS: { readonly [P in Protocol]: number } = { TCP: 6, UDP: 17, SCTP: 132 };

/** An address and port that a service port must answer on. */
export interface WantedFrontend {
  readonly address: string | undefined;
  readonly port: number;
  readonly protocol: number;
  readonly isInternal: boolean;
}

/** One service port of the snapshot, and what the dump has of it. */
export interface PortDrift {
  readonly dump: DumpView;
  readonly entry: ServicePortEntry;
  readonly wanted: readonly WantedFrontend[];
  /** Parallel to `wanted`. */
  readonly frontends: readonly (Frontend | undefined)[];
  readonly refusals: readonly (Refusal | undefined)[];
  /** Those that any of the frontends leads to. */
  readonly endpoints: readonly EndpointChain[];
}

export function wantedFrontends(entry: ServicePortEntry): readonly WantedFrontend[] {
  const protocol = PROTOCOL_NUMBERS[entry.protocol];
  const { port } = entry;
  const external = [...entry.externalIps, ...entry.loadBalancerIps].map((ip) => ({
    address: savedIpText(ip),
    port,
    protocol,
    isInternal: false,
  }));
  const nodePort =
    entry.nodePort === 0 ? [] : [{ address: undefined, port: entry.nodePort, protocol, isInternal: false }];
  return [{ address: savedIpText(entry.clusterIp), port, protocol, isInternal: true }, ...external, ...nodePort];
}

export function wantedEndpoints(entry: ServicePortEntry): ReadonlySet<string> {
  return new Set(entry.reachableEndpoints.map(savedEndpointText));
}

/** Whether a dump can be compared: a whole one in iptables mode. What the ipvs mode serves is in its virtual servers. */
function canDrift(dump: DumpView): boolean {
  return dump.table('nat')?.isWhole === true && dump.modes.has('iptables');
}

/** Every service port of the snapshot against every dump of its family. */
export function portDrifts(context: LintContext): readonly PortDrift[] {
  return context.dumps.filter(canDrift).flatMap((dump) => {
    const { services } = dump;
    const refusals = groupedBy(services.refusals, frontendKey);
    return (context.serviceTable(dump.family)?.servicePorts ?? []).map((entry) => {
      const wanted = wantedFrontends(entry);
      const frontends = wanted.map((frontend) => services.frontendsAt(frontendKey(frontend))[0]);
      const chains = new Set(frontends.flatMap((frontend) => frontend?.chain ?? []));
      const endpoints = new Set([...chains].flatMap((chain) => services.endpointsOf(chain)));
      return {
        dump,
        entry,
        wanted,
        frontends,
        refusals: wanted.map((frontend) => refusals.get(frontendKey(frontend))?.[0]),
        endpoints: [...endpoints],
      };
    });
  });
}

/** What the rules serve or refuse, and the snapshot does not know. */
export function unwanted(
  context: LintContext,
): readonly { readonly dump: DumpView; readonly item: Frontend | Refusal }[] {
  const { snapshot } = context;
  return context.dumps.filter(canDrift).flatMap((dump) => {
    const entries = context.serviceTable(dump.family)?.servicePorts ?? [];
    const keys = new Set(entries.flatMap((entry) => wantedFrontends(entry).map(frontendKey)));
    const names = new Set(entries.map(({ name }) => name));
    const { services } = dump;
    // Of a Service that is not in a part of a cluster nothing can be said.
    const isKnown = (service: string | undefined): boolean =>
      snapshot?.isWholeCluster === true || (service !== undefined && names.has(service));
    const frontends = services.frontends.filter((frontend) => isKnown(services.serviceOf(frontend.chain)));
    const refusals = services.refusals.filter(({ service }) => isKnown(service));
    return [...frontends, ...refusals].filter((item) => !keys.has(frontendKey(item))).map((item) => ({ dump, item }));
  });
}
