import { hex, natRangeText, rangeText } from './print-values.ts';
import { quotedText, wordText } from './quoted-text.ts';
import type { ConnmarkTarget, LogTarget, MasqueradeTarget, NatTarget, NflogTarget, Target } from './target.ts';

/** A target in the spelling of iptables-save 1.8: `-j DNAT --to-destination 10.0.0.1:80`; empty if there is none. */
export function printTarget(target: Target): string {
  switch (target.kind) {
    case 'none':
      return '';
    case 'accept':
    case 'drop':
    case 'return':
      return `-j ${target.kind.toUpperCase()}`;
    case 'jump':
      return `-j ${wordText(target.chain)}`;
    case 'goto':
      return `-g ${wordText(target.chain)}`;
    case 'reject':
      return `-j REJECT --reject-with ${target.with}`;
    case 'dnat':
      return `-j DNAT --to-destination ${natText(target)}`;
    case 'snat':
      return `-j SNAT --to-source ${natText(target)}`;
    case 'masquerade':
    case 'redirect':
      return `-j ${target.kind.toUpperCase()}${masqueradeText(target)}`;
    case 'mark':
      return `-j MARK --set-xmark ${hex(target.value)}/${hex(target.mask)}`;
    case 'connmark':
      return connmarkText(target);
    case 'log':
      return logText(target);
    case 'nflog':
      return nflogText(target);
    case 'opaque':
      return ['-j', wordText(target.name), ...target.words].join(' ');
  }
}

function randomText(t: { readonly random: boolean; readonly randomFully: boolean }): string {
  return `${t.random ? ' --random' : ''}${t.randomFully ? ' --random-fully' : ''}`;
}

function natText(t: NatTarget): string {
  return `${natRangeText(t.to)}${randomText(t)}${t.persistent ? ' --persistent' : ''}`;
}

function masqueradeText(t: MasqueradeTarget): string {
  return `${t.ports === undefined ? '' : ` --to-ports ${rangeText(t.ports, '-')}`}${randomText(t)}`;
}

function connmarkText({ change }: ConnmarkTarget): string {
  if (change.kind === 'set') return `-j CONNMARK --set-xmark ${hex(change.value)}/${hex(change.mask)}`;
  return `-j CONNMARK --${change.kind}-mark --nfmask ${hex(change.packetMask)} --ctmask ${hex(change.connectionMask)}`;
}

function logText({ prefix, level, flags }: LogTarget): string {
  return [
    '-j LOG',
    prefix === undefined ? '' : ` --log-prefix ${quotedText(prefix)}`,
    level === 4 ? '' : ` --log-level ${level}`,
    ...flags.map((flag) => ` --log-${flag}`),
  ].join('');
}

function nflogText({ prefix, group, range, size, threshold }: NflogTarget): string {
  return [
    '-j NFLOG',
    prefix === undefined ? '' : ` --nflog-prefix ${quotedText(prefix)}`,
    group === 0 ? '' : ` --nflog-group ${group}`,
    size === undefined ? '' : ` --nflog-size ${size}`,
    range === undefined ? '' : ` --nflog-range ${range}`,
    threshold === undefined ? '' : ` --nflog-threshold ${threshold}`,
  ].join('');
}
