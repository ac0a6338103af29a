import type { RealServer, VirtualAddress, VirtualServer } from '../../ruleset/virtual-server.ts';
import { readOptionWords, type IpvsadmOption, type OptionValues } from './ipvsadm-options.ts';
import { failed, readEndpoint, readMark, readMask, readNumber, type Read } from './read-parts.ts';
import { readSchedulerFlags } from './read-scheduler-flags.ts';

/** What ipvsadm takes where a line does not say: ipvsadm.c. */
const DEFAULT_SCHEDULER = 'wlc';
const DEFAULT_PERSISTENCE = '360';
const DEFAULT_WEIGHT = '1';

export type ServiceLine = Omit<VirtualServer, 'realServers'>;

export interface ServerLine {
  readonly address: VirtualAddress;
  readonly realServer: RealServer;
}

const SERVICE_OPTIONS = ['tcp', 'udp', 'sctp'] as const;

/** What both kinds of line name a virtual server by. */
const OF_ADDRESS: readonly IpvsadmOption[] = [...SERVICE_OPTIONS, 'mark', 'ipv6', 'numeric'];
const OF_SERVICE: ReadonlySet<IpvsadmOption> = new Set<IpvsadmOption>([
  ...OF_ADDRESS,
  'scheduler',
  'persistence',
  'mask',
  'engine',
  'one-packet',
  'flags',
]);
const NOT_OF_SERVER: ReadonlySet<IpvsadmOption> = new Set<IpvsadmOption>(
  [...OF_SERVICE].filter((option) => !OF_ADDRESS.includes(option)),
);

/** The words behind -A. */
export function readServiceWords(words: readonly string[]): Read<ServiceLine> {
  const options = readOptionWords(words);
  if (isProblem(options)) return options;
  for (const option of options.keys()) if (!OF_SERVICE.has(option)) return { problem: `-A takes no ${option}` };
  const address = readAddress(options);
  if (failed(address)) return address;
  const scheduler = options.get('scheduler') ?? DEFAULT_SCHEDULER;
  const flags = readSchedulerFlags(scheduler, options.get('flags'));
  if (failed(flags)) return flags;
  const persistence = readPersistence(options, address.value);
  if (failed(persistence)) return persistence;
  return {
    value: {
      address: address.value,
      scheduler,
      schedulerFlags: flags.value,
      persistence: persistence.value,
      persistenceEngine: options.get('engine'),
      onePacket: options.has('one-packet'),
    },
  };
}

/** The words behind -a. */
export function readServerWords(words: readonly string[]): Read<ServerLine> {
  const options = readOptionWords(words);
  if (isProblem(options)) return options;
  for (const option of options.keys()) if (NOT_OF_SERVER.has(option)) return { problem: `-a takes no ${option}` };
  const address = readAddress(options);
  if (failed(address)) return address;
  const server = readEndpoint(options.get('real-server') ?? '');
  if (failed(server)) return server;
  const weight = readNumber(options.get('weight') ?? DEFAULT_WEIGHT, 65_535);
  if (weight === undefined) return { problem: 'a weight is a number from 0 to 65535' };
  const forwarding = forwardingOf(options);
  if (failed(forwarding)) return forwarding;
  const { ip, port } = server.value;
  const realServer: RealServer = {
    ip,
    port: port ?? (address.value.kind === 'address' ? address.value.port : 0),
    forwarding: forwarding.value,
    weight,
    tunnel: tunnelWords(options),
  };
  return { value: { address: address.value, realServer } };
}

function isProblem(options: OptionValues | { readonly problem: string }): options is { readonly problem: string } {
  return 'problem' in options;
}

function readAddress(options: OptionValues): Read<VirtualAddress> {
  const given = [...SERVICE_OPTIONS, 'mark' as const].filter((option) => options.has(option));
  const [option] = given;
  if (option === undefined || given.length > 1)
    return { problem: 'one virtual server must be named by -t, -u, --sctp-service or -f' };
  const text = options.get(option) ?? '';
  if (option === 'mark') {
    const mark = readMark(text);
    if (failed(mark)) return mark;
    return { value: { kind: 'mark', family: options.has('ipv6') ? 'ipv6' : 'ipv4', mark: mark.value } };
  }
  const endpoint = readEndpoint(text);
  if (failed(endpoint)) return endpoint;
  const { ip, port = 0 } = endpoint.value;
  return { value: { kind: 'address', protocol: option, ip, port } };
}

function readPersistence(options: OptionValues, address: VirtualAddress): Read<VirtualServer['persistence']> {
  const text = options.get('persistence');
  if (text === undefined) {
    return options.has('mask') ? { problem: 'a netmask without persistence' } : { value: undefined };
  }
  const seconds = readNumber(text === '' ? DEFAULT_PERSISTENCE : text, 2 ** 32 - 1);
  if (seconds === undefined) return { problem: `${JSON.stringify(text)} is no number of seconds` };
  const mask = options.get('mask');
  if (mask === undefined) return { value: { seconds, prefix: undefined } };
  const prefix = readMask(mask, address.kind === 'mark' ? address.family : address.ip.family);
  return failed(prefix) ? prefix : { value: { seconds, prefix: prefix.value } };
}

/** Where nothing is said, packets are routed as they are. */
function forwardingOf(options: OptionValues): Read<RealServer['forwarding']> {
  const given = (['masquerade', 'route', 'tunnel'] as const).filter((option) => options.has(option));
  if (given.length > 1) return { problem: 'only one of -m, -g and -i can be' };
  return { value: given[0] ?? 'route' };
}

function tunnelWords(options: OptionValues): readonly string[] {
  return (['tun-type', 'tun-port', 'tun-nocsum', 'tun-csum', 'tun-remcsum'] as const).flatMap((option) => {
    const value = options.get(option);
    return value === undefined ? [] : value === '' ? [`--${option}`] : [`--${option}`, value];
  });
}
