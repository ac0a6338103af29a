import type { MultiportMatch, SctpMatch, TcpMatch, UdpMatch } from '../../../ruleset/match.ts';
import type { PortMatch } from '../../../ruleset/rule-values.ts';
import { TCP_FLAGS } from '../../../ruleset/tcp-flags.ts';
import { extension, type Extension } from '../extension.ts';
import type { OptionReader } from '../option-reader.ts';
import { sortedBy } from '../../../util/order.ts';
import { readPortRange, UINT16 } from '../read-values.ts';

const PORTS = { '--sport': 1, '--dport': 1 } as const;
const PORT_ALIASES = { '--source-port': '--sport', '--destination-port': '--dport' };

interface Ports {
  readonly sourcePorts: PortMatch | undefined;
  readonly destinationPorts: PortMatch | undefined;
}

/** All ports is no condition; the kernel does not tell it from none. */
function limiting(ports: PortMatch | undefined): PortMatch | undefined {
  return ports !== undefined && !ports.negated && ports.first === 0 && ports.last === UINT16 ? undefined : ports;
}

function readPorts(options: OptionReader): Ports {
  return {
    sourcePorts: limiting(options.ports('--sport')),
    destinationPorts: limiting(options.ports('--dport')),
  };
}

function flagBits(text: string): number | undefined {
  let bits = 0;
  for (const name of text.toUpperCase().split(',')) {
    const bit = TCP_FLAGS.findIndex((flag) => flag === name);
    if (name === 'ALL') bits |= 63;
    else if (bit !== -1) bits |= 1 << bit;
    else if (name !== 'NONE') return undefined;
  }
  return bits;
}

const SYN = { mask: 0b010111, set: 0b000010 };

function readFlags(options: OptionReader): TcpMatch['flags'] {
  const use = options.oneOf(['--tcp-flags', '--syn']);
  if (use === undefined) return undefined;
  if (use.name === '--syn') return { negated: use.negated, ...SYN };
  const [mask, set] = use.values.map(flagBits);
  if (mask === undefined || set === undefined) {
    options.fault(use, `--tcp-flags ${use.values.join(' ')}, which are no two lists of TCP flags`);
    return undefined;
  }
  return { negated: use.negated, mask, set };
}

export const tcp: Extension<TcpMatch> = extension(
  { ...PORTS, '--tcp-flags': 2, '--syn': 0, '--tcp-option': 1 },
  (options) => ({
    kind: 'tcp',
    ...readPorts(options),
    flags: readFlags(options),
    option: options.numberMatch('--tcp-option', 255),
  }),
  PORT_ALIASES,
);

export const udp: Extension<UdpMatch> = extension(
  PORTS,
  (options) => ({ kind: 'udp', ...readPorts(options) }),
  PORT_ALIASES,
);

/** By their numbers (RFC 9260, 5061, 6525, 8260), the order in which iptables-save prints them. */
const CHUNKS =
  'DATA INIT INIT_ACK SACK HEARTBEAT HEARTBEAT_ACK ABORT SHUTDOWN SHUTDOWN_ACK ERROR COOKIE_ECHO COOKIE_ACK ECN_ECNE ECN_CWR SHUTDOWN_COMPLETE I_DATA ASCONF_ACK RE_CONFIG PAD FORWARD_TSN ASCONF I_FORWARD_TSN'.split(
    ' ',
  );

/** `INIT,DATA:Be`: behind a colon stand the flags of a chunk. */
function sortChunks(list: string): string {
  const order = (chunk: string): number => CHUNKS.indexOf(chunk.replace(/:.*/, ''));
  return sortedBy(list.split(','), order).join(',');
}

export const sctp: Extension<SctpMatch> = extension(
  { ...PORTS, '--chunk-types': 2 },
  (options) => {
    const use = options.use('--chunk-types');
    const [mode = '', list = ''] = use?.values ?? [];
    const chunks = use === undefined ? undefined : { negated: use.negated, value: `${mode} ${sortChunks(list)}` };
    // The kernel keeps apart all ports and none given.
    const [sourcePorts, destinationPorts] = [options.ports('--sport'), options.ports('--dport')];
    return { kind: 'sctp', sourcePorts, destinationPorts, chunks };
  },
  PORT_ALIASES,
);

const MULTIPORT = { '--sports': 'source', '--dports': 'destination', '--ports': 'either' } as const;
/** xt_multiport.h */
const MOST_PORTS = 15;

function readPortList(text: string): MultiportMatch['ports'] | undefined {
  const ranges = text.split(',').map((item) => {
    const range = readPortRange(item, ':');
    // Unlike -m tcp, this one wants two ports of a range.
    return item.includes(':') && range?.first === range?.last ? undefined : range;
  });
  const known = ranges.flatMap((range) => range ?? []);
  const slots = known.reduce((sum, { first, last }) => sum + (first === last ? 1 : 2), 0);
  return known.length === ranges.length && slots <= MOST_PORTS ? known : undefined;
}

export const multiport: Extension<MultiportMatch> = extension(
  { '--sports': 1, '--dports': 1, '--ports': 1 },
  (options) => {
    const use = options.oneOf(Object.keys(MULTIPORT));
    options.require(use, '--sports, --dports or --ports');
    const ports = options.value(use, `list of at most ${MOST_PORTS} ports`, readPortList) ?? [];
    const of = use?.name === '--sports' || use?.name === '--dports' ? MULTIPORT[use.name] : 'either';
    return { kind: 'multiport', negated: use?.negated ?? false, of, ports };
  },
  { '--source-ports': '--sports', '--destination-ports': '--dports' },
);
