import type { MasqueradeTarget, NatTarget } from '../../ruleset/target.ts';
import { addressOf } from './address-number.ts';
import type { Translation } from './packet-state.ts';

/** Where DNAT or REDIRECT sends. */
export function translationOf(target: NatTarget | MasqueradeTarget): Translation {
  return isRange(target) ? fromRange(target) : redirect(target);
}

function isRange(target: NatTarget | MasqueradeTarget): target is NatTarget {
  return target.kind === 'dnat' || target.kind === 'snat';
}

function fromRange({ to }: NatTarget): Translation {
  const { addresses, ports, basePort } = to;
  const isOne = addresses !== undefined && addresses.first === addresses.last;
  const onePort = ports === undefined || (ports.first === ports.last && basePort === undefined);
  const port = ports === undefined ? undefined : ports.first;
  const host =
    addresses === undefined ? 'the same address' : isOne ? addresses.first : `${addresses.first}-${addresses.last}`;
  const portText = ports === undefined ? '' : onePort ? `:${ports.first}` : `:${ports.first}-${ports.last}`;
  const text = portText !== '' && host.includes(':') ? `[${host}]${portText}` : `${host}${portText}`;
  if (!isOne || !onePort || addresses === undefined) return { text, address: undefined, port: undefined };
  return { text, address: addressOf(addresses.first), port };
}

function redirect({ ports }: MasqueradeTarget): Translation {
  const port =
    ports === undefined
      ? ''
      : ports.first === ports.last
        ? ` port ${ports.first}`
        : ` ports ${ports.first}-${ports.last}`;
  return { text: `this node${port}`, address: undefined, port: undefined };
}

/** The source that SNAT gives, in words. */
export function sourceText(target: NatTarget | MasqueradeTarget): string {
  return target.kind === 'masquerade' ? 'masquerade' : translationOf(target).text;
}
