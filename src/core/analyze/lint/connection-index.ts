// Which endpoints a remembered connection may lead to.
import { parseIp, savedIpText, type IpFamily } from '../../model/ip.ts';
import type { Place } from './finding.ts';
import type { ConntrackEntry } from '../../ruleset/conntrack-entry.ts';
import { wantedEndpoints, wantedFrontends } from './drift.ts';
import type { LintContext } from './lint-context.ts';
import { frontendKey } from './frontend.ts';
import { slicesByService } from './slices-by-service.ts';

/** A connection to a Service. */
export interface ServiceConnection {
  readonly entry: ConntrackEntry;
  readonly family: IpFamily;
  readonly service: string | undefined;
  /** Where it was sent: `10.244.0.1:53`; undefined if it was not translated. */
  readonly endpoint: string | undefined;
  /** Whether the Service has that endpoint now, or one that still serves. */
  readonly isCurrent: boolean;
  /** Whether the Service has endpoints at all. */
  readonly hasEndpoints: boolean;
}

interface Known {
  service: string | undefined;
  readonly endpoints: Set<string>;
}

/** The connections of the listing that were made to an address or node port of a Service, in the order of the lines. */
export function serviceConnections(context: LintContext): readonly ServiceConnection[] {
  const { conntrack } = context;
  if (conntrack === undefined) return [];
  const known: { readonly [F in IpFamily]: ReadonlyMap<string, Known> } = {
    ipv4: knownFrontends(context, 'ipv4'),
    ipv6: knownFrontends(context, 'ipv6'),
  };
  return conntrack.entries.flatMap((entry): readonly ServiceConnection[] => {
    const { original, reply, protocol } = entry;
    const port = original.destinationPort;
    if (port === undefined) return [];
    const family = original.destination.includes(':') ? 'ipv6' : 'ipv4';
    const endpoint = translatedTo(entry);
    const at = known[family].get(frontendKey({ address: savedText(original.destination), port, protocol }));
    // A node port is one at any address; what was not translated may be of another host.
    const service =
      at ??
      (endpoint === undefined ? undefined : known[family].get(frontendKey({ address: undefined, port, protocol })));
    if (service === undefined) return [];
    const isCurrent =
      endpoint === undefined || service.endpoints.has(endpoint) || service.endpoints.has(savedText(reply.source));
    return [{ entry, family, service: service.service, endpoint, isCurrent, hasEndpoints: service.endpoints.size > 0 }];
  });
}

function translatedTo({ original, reply }: ConntrackEntry): string | undefined {
  if (reply.source === original.destination && reply.sourcePort === original.destinationPort) return undefined;
  const address = savedText(reply.source);
  return `${address.includes(':') ? `[${address}]` : address}:${reply.sourcePort ?? 0}`;
}

function savedText(address: string): string {
  const ip = parseIp(address);
  return ip === undefined ? address : savedIpText(ip);
}

function knownFrontends(context: LintContext, family: IpFamily): ReadonlyMap<string, Known> {
  const known = new Map<string, Known>();
  const at = (key: string, service: string | undefined): Known => {
    const there = known.get(key) ?? { service, endpoints: new Set() };
    there.service ??= service;
    known.set(key, there);
    return there;
  };
  for (const { services } of context.dumps.filter((dump) => dump.family === family)) {
    for (const refusal of services.refusals) at(frontendKey(refusal), refusal.service);
    for (const frontend of services.frontends) {
      const there = at(frontendKey(frontend), services.serviceOf(frontend.chain));
      for (const { endpoint } of services.endpointsOf(frontend.chain))
        if (endpoint !== undefined) there.endpoints.add(endpoint);
    }
  }
  addSnapshot(context, family, at);
  return known;
}

/** kube-proxy keeps the connections of endpoints that still serve, whether or not new ones are sent to them. */
function addSnapshot({ snapshot }: LintContext, family: IpFamily, at: (key: string, service: string) => Known): void {
  if (snapshot === undefined) return;
  const table = snapshot.tables.find((one) => one.family === family);
  const slices = slicesByService(snapshot.snapshot);
  for (const entry of table?.servicePorts ?? []) {
    const serving = (slices.get(`${entry.namespace}/${entry.serviceName}`) ?? [])
      .flatMap(({ endpoints }) => endpoints)
      .filter((endpoint) => endpoint.serving !== false)
      .flatMap(({ addresses }) => (addresses[0] === undefined ? [] : savedText(addresses[0])));
    for (const frontend of wantedFrontends(entry)) {
      const there = at(frontendKey(frontend), entry.name);
      for (const endpoint of wantedEndpoints(entry)) there.endpoints.add(endpoint);
      for (const address of serving) there.endpoints.add(address);
    }
  }
}

export function connectionPlace({ conntrack }: LintContext, { entry, family }: ServiceConnection): Place | undefined {
  if (conntrack === undefined) return undefined;
  return { file: conntrack.file, family, table: undefined, chain: undefined, line: entry.line, text: undefined };
}

/** What deletes the connections of a Service to one endpoint. */
export function deleteCommand({ entry }: ServiceConnection, protocol: string): string {
  const { original, reply } = entry;
  return `conntrack -D -p ${protocol} --orig-dst ${original.destination} --orig-port-dst ${original.destinationPort ?? 0} --reply-src ${reply.source}`;
}
