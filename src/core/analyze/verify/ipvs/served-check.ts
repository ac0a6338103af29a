import { ipFromNumber } from '../../../model/ip.ts';
import type { IpvsConfig } from '../../../model/proxy-config.ts';
import { protocolText } from '../../../ruleset/protocols.ts';
import type { Endpoint } from '../../../services/endpoint.ts';
import type { ServicePortEntry } from '../../../services/service-port.ts';
import { sortedBy } from '../../../util/order.ts';
import type { CheckParts } from '../delivery-check.ts';
import type { FaultKind } from '../finding.ts';
import { NEVER, type Diagram } from '../node-table.ts';
import { outcomesOf, type Outcome } from '../outcome.ts';
import type { Ended } from '../packet-state.ts';
import type { Place } from '../place.ts';
import { single, type Delivery } from '../specification.ts';
import { connectionEndpoint } from '../../../ruleset/connection-port.ts';
import { ipvsEndpointText, type RealServer, type VirtualServer } from '../../../ruleset/virtual-server.ts';
import { isWeightless } from './served-part.ts';
import type { Served, ServedPlaces } from './served-places.ts';

export interface ServedParts extends CheckParts {
  readonly servers: ServedPlaces;
  readonly config: IpvsConfig;
}

/**
 * Checks packets that IPVS must give to endpoints. The virtual server is compared with the Service as it is: endpoints, weights, scheduler,
 * persistence; how it shares connections out follows from that, and depends on no rule. Rules are followed for all packets: whether they let
 * them to IPVS, and then to each endpoint, masqueraded or not.
 */
export class ServedCheck {
  readonly #parts: ServedParts;
  readonly #place: Place;
  readonly #delivery: Delivery;
  readonly #served: Served | undefined;
  /** As IPVS names them. */
  readonly #endpoints: ReadonlyMap<string, Endpoint>;

  constructor(parts: ServedParts, place: Place, delivery: Delivery) {
    this.#parts = parts;
    this.#place = place;
    this.#delivery = delivery;
    this.#served = parts.servers.at(place);
    this.#endpoints = new Map(delivery.endpoints.map((endpoint) => [textOf(endpoint), endpoint]));
  }

  run(arrivals: readonly Ended[]): void {
    const { work, path } = this.#parts;
    const { packets } = this.#delivery;
    if (this.#served !== undefined) this.#compare(this.#served);
    for (const outcome of outcomesOf(work, path, this.#place, 'NEW', arrivals, packets)) this.#judge(outcome);
  }

  #report(kind: FaultKind, packets: Diagram, through?: string, server?: Served): void {
    if (packets === NEVER) return;
    const [place, delivery] = [this.#place, this.#delivery];
    const expected = { kind: 'deliver', delivery } as const;
    const isMissing = kind === 'not-delivered' && this.#served === undefined;
    const of = server === undefined ? (isMissing ? { missingServer: keyOf(place, delivery.port) } : {}) : { server };
    this.#parts.found({ kind, frontend: delivery, place, tracking: 'NEW', packets, through, expected, ...of });
  }

  /** What is wrong with the virtual server holds for all of its packets. */
  #compare(served: Served): void {
    const { server } = served;
    const { packets, port } = this.#delivery;
    const report = (kind: FaultKind, through?: string): void => this.#report(kind, packets, through, served);
    // The greatest weight last: of real servers that are one it counts.
    const byText = new Map(
      sortedBy(server.realServers, ({ weight }) => weight).map((real) => [
        connectionEndpoint(server, real, served.port),
        real,
      ]),
    );
    const found = [...this.#endpoints].map(([text, endpoint]) => ({ endpoint, real: byText.get(text) }));
    for (const { endpoint, real } of found) {
      if (real === undefined || real.weight === 0) report('uneven-shares', endpoint.text);
    }
    const chosen = found.map(({ real }) => real);
    if (isUneven(server, chosen)) report('uneven-shares');
    // A real server with weight 0 keeps old connections until they end.
    for (const [text, { weight }] of byText)
      if (weight > 0 && !this.#endpoints.has(text)) report('wrong-endpoint', text);
    const { scheduler } = this.#parts.config;
    const flags = scheduler === 'mh' ? 'mh-port' : '';
    if (server.scheduler !== scheduler || server.schedulerFlags.join() !== flags || server.onePacket)
      report('scheduler');
    const { persistence, persistenceEngine } = server;
    const isKept = persistence?.seconds === port.affinitySeconds && persistence?.prefix === undefined;
    if (!isKept || persistenceEngine !== undefined) report('affinity');
  }

  #judge(outcome: Outcome): void {
    const { translation, unknown, verdict, packets, natOwner, owner, passedBy } = outcome;
    if (unknown !== undefined) {
      const [frontend, place] = [this.#delivery, this.#place];
      this.#parts.doubted({ rule: unknown, frontend, place, tracking: 'NEW', packets });
    } else if (verdict !== 'accept') {
      // Without a virtual server, or without real servers, nobody else is at fault.
      const isRefusal = outcome.served !== undefined && outcome.served.targets.length === 0;
      if (isRefusal) this.#report('refused', packets, undefined, outcome.served);
      else this.#report(owner === 'kube' ? 'refused' : 'changed-by-others', packets, translation);
    } else if (natOwner === 'other' && outcome.served === undefined) {
      this.#report('changed-by-others', packets, translation);
    } else if (translation === undefined) {
      this.#report(passedBy === 'other' && this.#served === undefined ? 'changed-by-others' : 'not-delivered', packets);
    } else this.#delivered(outcome, translation);
  }

  #delivered(outcome: Outcome, text: string): void {
    const { diagrams, marks, sources } = this.#parts.work;
    const endpoint = this.#endpoints.get(text);
    if (outcome.stray) this.#report('foreign-mark-bits', outcome.packets, text);
    if (endpoint === undefined) {
      if (outcome.served === undefined || this.#served !== outcome.served)
        this.#report('wrong-endpoint', outcome.packets, text);
      return;
    }
    if (outcome.where === 'INPUT') return;
    const { masquerade, mayMasquerade = NEVER } = this.#delivery;
    const isOnNode = this.#delivery.port.endpointsOnNode.some((one) => one.text === endpoint.text);
    const toItself = isOnNode ? sources.diagram(diagrams, single(endpoint.ip)) : NEVER;
    const must = diagrams.or(masquerade, toItself);
    const isTranslated = outcome.source !== undefined;
    const wrong = isTranslated
      ? diagrams.minus(outcome.packets, diagrams.or(must, mayMasquerade))
      : diagrams.and(outcome.packets, must);
    const byOthers = outcome.sourceOwner === 'other';
    const kind: FaultKind = isTranslated ? 'masquerade-unwanted' : 'masquerade-missing';
    this.#report(byOthers ? 'changed-by-others' : kind, wrong, text);
    // What an endpoint sends to itself is masqueraded before marks are looked at (KUBE-LOOP-BACK), and keeps a mark that it has.
    if (!byOthers && marks.isSet(outcome.mark, this.#parts.markBit))
      this.#report('mark-left', diagrams.minus(outcome.packets, diagrams.or(wrong, toItself)), text);
  }
}

function keyOf({ protocol, address, port }: Place, { clusterIp: { family } }: ServicePortEntry): string {
  return `${protocolText(protocol)} ${ipvsEndpointText(ipFromNumber(family, address), port ?? 0)}`;
}

/** As ipvsadm prints it. */
function textOf({ ip, port }: Endpoint): string {
  return ipvsEndpointText(ip, port);
}

function isUneven(server: VirtualServer, found: readonly (RealServer | undefined)[]): boolean {
  const weights = new Set(found.flatMap((real) => (real === undefined || real.weight === 0 ? [] : [real.weight])));
  return weights.size > 1 && !isWeightless(server);
}
