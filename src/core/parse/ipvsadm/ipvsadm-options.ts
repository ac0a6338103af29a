/** What of ipvsadm's options can stand in a line that `ipvsadm -R` reads, by all their names (ipvsadm 1.31). */
const NAMES: readonly (readonly [name: IpvsadmOption, takes: 'value' | 'optional' | 'nothing', ...names: string[]])[] =
  [
    ['tcp', 'value', '-t', '--tcp-service'],
    ['udp', 'value', '-u', '--udp-service'],
    ['sctp', 'value', '--sctp-service'],
    ['mark', 'value', '-f', '--fwmark-service'],
    ['ipv6', 'nothing', '-6', '--ipv6'],
    ['scheduler', 'value', '-s', '--scheduler'],
    ['persistence', 'optional', '-p', '--persistent'],
    ['mask', 'value', '-M', '--netmask'],
    ['engine', 'value', '--pe'],
    ['one-packet', 'nothing', '-o', '--ops'],
    ['flags', 'value', '-b', '--sched-flags'],
    ['real-server', 'value', '-r', '--real-server'],
    ['masquerade', 'nothing', '-m', '--masquerading'],
    ['route', 'nothing', '-g', '--gatewaying'],
    ['tunnel', 'nothing', '-i', '--ipip'],
    ['weight', 'value', '-w', '--weight'],
    ['upper', 'value', '-x', '--u-threshold'],
    ['lower', 'value', '-y', '--l-threshold'],
    ['tun-type', 'value', '--tun-type'],
    ['tun-port', 'value', '--tun-port'],
    ['tun-nocsum', 'nothing', '--tun-nocsum'],
    ['tun-csum', 'nothing', '--tun-csum'],
    ['tun-remcsum', 'nothing', '--tun-remcsum'],
    ['numeric', 'nothing', '-n', '--numeric'],
  ];

export type IpvsadmOption =
  | 'tcp'
  | 'udp'
  | 'sctp'
  | 'mark'
  | 'ipv6'
  | 'scheduler'
  | 'persistence'
  | 'mask'
  | 'engine'
  | 'one-packet'
  | 'flags'
  | 'real-server'
  | 'masquerade'
  | 'route'
  | 'tunnel'
  | 'weight'
  | 'upper'
  | 'lower'
  | 'tun-type'
  | 'tun-port'
  | 'tun-nocsum'
  | 'tun-csum'
  | 'tun-remcsum'
  | 'numeric';

interface Known {
  readonly option: IpvsadmOption;
  readonly takes: 'value' | 'optional' | 'nothing';
}

const byName: ReadonlyMap<string, Known> = new Map(
  NAMES.flatMap(([option, takes, ...names]) => names.map((name): [string, Known] => [name, { option, takes }])),
);

export type OptionValues = ReadonlyMap<IpvsadmOption, string>;

/** Options with their values, `''` where there is none; or what is wrong with the words. */
export function readOptionWords(words: readonly string[]): OptionValues | { readonly problem: string } {
  const values = new Map<IpvsadmOption, string>();
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const equals = word.startsWith('--') ? word.indexOf('=') : -1;
    const name = equals === -1 ? word : word.slice(0, equals);
    const known = byName.get(name);
    if (known === undefined) return { problem: `${JSON.stringify(name)} is no option that belongs here` };
    if (values.has(known.option)) return { problem: `${name} is there twice` };
    const next = words[at + 1];
    let value = equals === -1 ? undefined : word.slice(equals + 1);
    const mayTake = known.takes === 'value' || (known.takes === 'optional' && next?.startsWith('-') === false);
    if (value === undefined && mayTake) {
      value = next;
      at += 1;
    }
    if (known.takes === 'value' && (value ?? '') === '') return { problem: `${name} has no value` };
    if (known.takes === 'nothing' && value !== undefined) return { problem: `${name} takes no value` };
    values.set(known.option, value ?? '');
  }
  return values;
}
