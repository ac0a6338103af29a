import { portUnreachable } from '../../../ruleset/port-unreachable.ts';
import type { LogFlag, LogTarget, NflogTarget, RejectTarget } from '../../../ruleset/target.ts';
import type { IpFamily } from '../../../model/ip.ts';
import { extension, type Extension } from '../extension.ts';
import type { OptionReader } from '../option-reader.ts';
import { readUint, UINT16 } from '../read-values.ts';

/** The names of libipt_REJECT.c and libip6t_REJECT.c; a short one may stand for each. */
const REJECT_TYPES: Readonly<Record<IpFamily, Readonly<Record<string, string>>>> = {
  ipv4: {
    'icmp-net-unreachable': 'net-unreach',
    'icmp-host-unreachable': 'host-unreach',
    'icmp-proto-unreachable': 'proto-unreach',
    'icmp-port-unreachable': 'port-unreach',
    'icmp-net-prohibited': 'net-prohib',
    'icmp-host-prohibited': 'host-prohib',
    'tcp-reset': 'tcp-rst',
    'icmp-admin-prohibited': 'admin-prohib',
  },
  ipv6: {
    'icmp6-no-route': 'no-route',
    'icmp6-adm-prohibited': 'adm-prohibited',
    'icmp6-addr-unreachable': 'addr-unreach',
    'icmp6-port-unreachable': 'port-unreach',
    'tcp-reset': 'tcp-reset',
    'icmp6-policy-fail': 'policy-fail',
    'icmp6-reject-route': 'reject-route',
  },
};

/** By its name, its short name, or the beginning of either. Names of the other family are taken as well: the family may be a guess. */
function rejectType(text: string, family: IpFamily): string | undefined {
  const lower = text.toLowerCase();
  const other = family === 'ipv4' ? 'ipv6' : 'ipv4';
  const types = [...Object.entries(REJECT_TYPES[family]), ...Object.entries(REJECT_TYPES[other])];
  const exact = types.find(([name, short]) => name === lower || short === lower);
  return (exact ?? types.find(([name, short]) => name.startsWith(lower) || short.startsWith(lower)))?.[0];
}

export const reject: Extension<RejectTarget> = extension({ '--reject-with': 1 }, (options) => {
  const use = options.plain('--reject-with');
  const type = options.value(use, 'kind of rejection', (text) => rejectType(text, options.family));
  return {
    kind: 'reject',
    with: type ?? portUnreachable(options.family),
  };
});

function prefix(options: OptionReader, name: string): string | undefined {
  return options.value(options.plain(name), 'prefix', (text) => (text === '' ? undefined : text));
}

const LOG_FLAGS: readonly LogFlag[] = ['tcp-sequence', 'tcp-options', 'ip-options', 'uid', 'macdecode'];
/** The names that libxt_LOG.c knows. */
const LEVELS: Readonly<Record<string, number>> = {
  emerg: 0,
  panic: 0,
  alert: 1,
  crit: 2,
  error: 3,
  warning: 4,
  notice: 5,
  info: 6,
  debug: 7,
};

function readLevel(text: string): number | undefined {
  return readUint(text, 7) ?? (Object.hasOwn(LEVELS, text.toLowerCase()) ? LEVELS[text.toLowerCase()] : undefined);
}

export const log: Extension<LogTarget> = extension(
  {
    '--log-prefix': 'text',
    '--log-level': 1,
    '--log-tcp-sequence': 0,
    '--log-tcp-options': 0,
    '--log-ip-options': 0,
    '--log-uid': 0,
    '--log-macdecode': 0,
  },
  (options) => ({
    kind: 'log',
    prefix: prefix(options, '--log-prefix'),
    level: options.value(options.plain('--log-level'), 'log level', readLevel) ?? 4,
    flags: LOG_FLAGS.filter((flag) => options.flag(`--log-${flag}`)),
  }),
);

export const nflog: Extension<NflogTarget> = extension(
  {
    '--nflog-prefix': 'text',
    '--nflog-group': 1,
    '--nflog-range': 1,
    '--nflog-size': 1,
    '--nflog-threshold': 1,
  },
  (options) => ({
    kind: 'nflog',
    prefix: prefix(options, '--nflog-prefix'),
    group: options.number('--nflog-group', UINT16) ?? 0,
    range: options.number('--nflog-range'),
    size: options.number('--nflog-size'),
    threshold: options.number('--nflog-threshold', UINT16),
  }),
);
