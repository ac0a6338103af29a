import { savedAddress } from '../../../ruleset/ip-network.ts';
import type { NatRange, NumberRange } from '../../../ruleset/rule-values.ts';
import type { MasqueradeTarget, NatTarget } from '../../../ruleset/target.ts';
import { extension, type Extension } from '../extension.ts';
import type { OptionReader } from '../option-reader.ts';
import { readPort, readPortRange } from '../read-values.ts';

/** `1000-2000/5000`: a range of ports, and the port that its first stands for. */
function readPorts(text: string): { readonly ports: NumberRange; readonly basePort: number | undefined } | undefined {
  const slash = text.indexOf('/');
  const ports = readPortRange(slash === -1 ? text : text.slice(0, slash), '-');
  if (ports === undefined) return undefined;
  if (slash === -1) return { ports, basePort: undefined };
  const basePort = readPort(text.slice(slash + 1));
  return basePort === undefined || basePort === 0 ? undefined : { ports, basePort };
}

function readAddresses(text: string): NatRange['addresses'] {
  const dash = text.indexOf('-');
  const first = savedAddress(dash === -1 ? text : text.slice(0, dash));
  const last = dash === -1 ? first : savedAddress(text.slice(dash + 1));
  if (first === undefined || last === undefined || first.family !== last.family) return undefined;
  return { family: first.family, first: first.text, last: last.text };
}

/** Takes `ADDRESSES:PORTS` apart: IPv6 addresses stand in brackets if ports follow. */
function splitNat(text: string): readonly [string, string | undefined] {
  const bracket = text.startsWith('[') ? /^\[([^\]]*)\](?::(.*))?$/.exec(text) : null;
  if (bracket !== null) return [bracket[1] ?? '', bracket[2]];
  const colon = text.indexOf(':');
  if (colon === -1 || text.includes(':', colon + 1)) return [text, undefined];
  return [text.slice(0, colon), text.slice(colon + 1)];
}

/** `ADDRESSES:PORTS`, either of which may be missing; undefined if it is none of this. */
export function readNatRange(text: string): NatRange | undefined {
  const [addressText, portText] = splitNat(text);
  const addresses = addressText === '' ? undefined : readAddresses(addressText);
  if (addressText !== '' && addresses === undefined) return undefined;
  if (portText === undefined) return addresses && { addresses, ports: undefined, basePort: undefined };
  const read = readPorts(portText);
  return read && { addresses, ports: read.ports, basePort: read.basePort };
}

const NOWHERE: NatRange = { addresses: undefined, ports: undefined, basePort: undefined };

function readNat(kind: NatTarget['kind'], option: string, options: OptionReader): NatTarget {
  const use = options.plain(option);
  options.require(use, option);
  const to = options.value(use, 'address to translate to', readNatRange) ?? NOWHERE;
  if (kind === 'snat' && to.basePort !== undefined) options.fault(use, `${option} with a base port`);
  return {
    kind,
    to,
    random: options.flag('--random'),
    randomFully: options.flag('--random-fully'),
    persistent: options.flag('--persistent'),
  };
}

export const dnat: Extension<NatTarget> = extension(
  { '--to-destination': 1, '--random': 0, '--persistent': 0 },
  (options) => readNat('dnat', '--to-destination', options),
);

export const snat: Extension<NatTarget> = extension(
  { '--to-source': 1, '--random': 0, '--random-fully': 0, '--persistent': 0 },
  (options) => readNat('snat', '--to-source', options),
);

function readInterfaceNat(kind: MasqueradeTarget['kind'], options: OptionReader): MasqueradeTarget {
  const use = options.plain('--to-ports');
  const ports = options.value(use, 'port or range of ports', (text) => readPortRange(text, '-'));
  return { kind, ports, random: options.flag('--random'), randomFully: options.flag('--random-fully') };
}

export const masquerade: Extension<MasqueradeTarget> = extension(
  { '--to-ports': 1, '--random': 0, '--random-fully': 0 },
  (options) => readInterfaceNat('masquerade', options),
);

export const redirect: Extension<MasqueradeTarget> = extension({ '--to-ports': 1, '--random': 0 }, (options) =>
  readInterfaceNat('redirect', options),
);
