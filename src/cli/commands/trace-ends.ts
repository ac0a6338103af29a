// What --from and --to may be: addresses, or names that a snapshot knows.
import { parseIp, type Ip, type IpFamily } from '../../core/model/ip.ts';
import type { Service, ServicePortSpec } from '../../core/model/kubernetes.ts';
import { protocolNumber } from '../../core/ruleset/protocols.ts';
import { hasPorts, PROTOCOL } from '../../core/analyze/trace/packet.ts';
import { didYouMean } from '../../core/util/suggestion.ts';
import { UsageError } from '../usage-error.ts';
import type { SnapshotFacts } from './trace-snapshot.ts';

/** One of several addresses if it has one per family. */
export interface TraceEnd {
  readonly ips: readonly Ip[];
  readonly port: number | undefined;
  /** IANA's number; undefined where it is not said. */
  readonly protocol: number | undefined;
}

export type TraceSource = TraceEnd | 'local';

const FROM_ADVICE = 'It takes an address (10.244.1.7, 10.244.1.7:40000, [fd00::7]:40000), local, or pod/NAMESPACE/NAME';
const TO_ADVICE =
  'It takes ADDRESS:PORT/PROTOCOL (10.96.0.10:53/udp, [fd00::a]:53/udp, 10.96.0.10/icmp), svc/NAMESPACE/NAME:PORT or pod/NAMESPACE/NAME:PORT';

export function readSource(text: string, facts: SnapshotFacts | undefined): TraceSource {
  if (text === 'local' || text === 'node') return 'local';
  const pod = /^pods?\//.test(text) ? podEnd(text, '--from', facts) : undefined;
  const end = pod ?? addressEnd(text);
  if (end === undefined) throw new UsageError(`--from ${text} is nothing that a packet comes from`, FROM_ADVICE);
  return end;
}

export function readDestination(text: string, facts: SnapshotFacts | undefined): TraceEnd {
  if (/^(?:svc|services?)\//.test(text)) return serviceEnd(text, facts);
  const [, plain = text, protocolText] = /^(.*)\/([A-Za-z0-9-]+)$/.exec(text) ?? [];
  const isPod = /^pods?\//.test(text);
  const protocol = protocolText === undefined ? undefined : protocolNumber(protocolText);
  const end = isPod ? podEnd(text, '--to', facts) : addressEnd(plain);
  if (end === undefined || (protocolText !== undefined && protocol === undefined && !isPod)) {
    throw new UsageError(`--to ${text} is nothing that a packet goes to`, TO_ADVICE);
  }
  const found = { ...end, protocol: isPod ? undefined : protocol };
  if (hasPorts(found.protocol ?? PROTOCOL.tcp) && found.port === undefined) {
    throw new UsageError(`--to ${text} has no port`, TO_ADVICE);
  }
  return found;
}

/** `10.0.0.1`, `10.0.0.1:80`, `fd00::1`, `[fd00::1]:80`. */
function addressEnd(text: string): TraceEnd | undefined {
  const [, bracketed, bracketPort] = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text) ?? [];
  const [, v4, v4Port] = /^([\d.]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const ip = parseIp(bracketed ?? v4 ?? text);
  const port = bracketPort ?? v4Port;
  if (ip === undefined || (port !== undefined && Number(port) > 65_535)) return undefined;
  return { ips: [ip], port: port === undefined ? undefined : Number(port), protocol: undefined };
}

interface NameParts {
  readonly namespace: string;
  readonly name: string;
  readonly port: string | undefined;
}

/** `KIND/NAMESPACE/NAME:PORT`; the namespace is default if it is left out. */
function nameParts(text: string, flag: string): NameParts {
  const [, first = '', second, port] = /^[a-z]+\/([^/:]+)(?:\/([^/:]+))?(?::([^/:]+))?$/.exec(text) ?? [];
  if (first === '') {
    throw new UsageError(`${flag} ${text} is no name`, flag === '--from' ? FROM_ADVICE : TO_ADVICE);
  }
  return second === undefined ? { namespace: 'default', name: first, port } : { namespace: first, name: second, port };
}

function needFacts(text: string, flag: string, facts: SnapshotFacts | undefined): SnapshotFacts {
  if (facts !== undefined) return facts;
  throw new UsageError(
    `${flag} ${text} is a name, and a dump has no names`,
    'Give what knows it: -f with a snapshot (chainsmith snapshot, or kubectl get services,endpointslices,pods -A -o json), or an address',
  );
}

function podEnd(text: string, flag: string, given: SnapshotFacts | undefined): TraceEnd {
  const facts = needFacts(text, flag, given);
  const { namespace, name, port } = nameParts(text, flag);
  const full = `${namespace}/${name}`;
  const pod = facts.pods.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  const texts = pod?.podIPs ?? [...facts.podNames].flatMap(([address, owner]) => (owner === full ? [address] : []));
  const ips = texts.flatMap((address) => parseIp(address) ?? []);
  if (ips.length > 0) return { ips, port: numberOf(port, text, flag), protocol: undefined };
  const near = didYouMean(full, [...new Set(facts.podNames.values())]);
  const advice =
    near === undefined
      ? 'A snapshot has Pods only if it was made by kubectl get pods -A -o json'
      : `Did you mean ${near}?`;
  throw new UsageError(`${flag} ${text}: the snapshot has no Pod ${full} with an address`, advice);
}

function numberOf(port: string | undefined, text: string, flag: string): number | undefined {
  if (port === undefined) return undefined;
  if (/^\d{1,5}$/.test(port) && Number(port) <= 65_535) return Number(port);
  throw new UsageError(`${flag} ${text}: ${port} is no number of a port`);
}

function serviceEnd(text: string, given: SnapshotFacts | undefined): TraceEnd {
  const facts = needFacts(text, '--to', given);
  const { namespace, name, port } = nameParts(text, '--to');
  const service = facts.services.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  if (service === undefined) {
    const near = didYouMean(
      `${namespace}/${name}`,
      facts.services.map(({ metadata: m }) => `${m.namespace}/${m.name}`),
    );
    throw new UsageError(
      `--to ${text}: the snapshot has no Service ${namespace}/${name}`,
      near === undefined ? undefined : `Did you mean svc/${near}?`,
    );
  }
  const chosen = choosePort(service, port, text);
  const ips = [...new Set(service.clusterIPs.length > 0 ? service.clusterIPs : [service.clusterIP ?? ''])].flatMap(
    (address) => parseIp(address) ?? [],
  );
  if (ips.length === 0)
    throw new UsageError(`--to ${text}: the Service has no cluster IP`, 'Give an address: --to ADDRESS:PORT');
  return { ips, port: chosen.port, protocol: protocolNumber(chosen.protocol ?? 'TCP') };
}

function choosePort({ ports }: Service, wanted: string | undefined, text: string): ServicePortSpec {
  const fitting = ports.filter(
    ({ name, port }) => wanted === undefined || name === wanted || (/^\d+$/.test(wanted) && port === Number(wanted)),
  );
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  const all = ports.map(
    ({ name, port, protocol = 'TCP' }) =>
      `${name ?? ''}${name === undefined || name === '' ? '' : ' '}(${port}/${protocol.toLowerCase()})`,
  );
  const what = only === undefined ? 'the Service has no such port' : 'the Service has several ports';
  throw new UsageError(`--to ${text}: ${what}: ${all.join(', ')}`, 'Say which by its name: svc/NAMESPACE/NAME:PORT');
}

/** The address of a family; the first if it does not matter. */
export function ipOf({ ips }: TraceEnd, family: IpFamily | undefined): Ip | undefined {
  return family === undefined ? ips[0] : ips.find((ip) => ip.family === family);
}
