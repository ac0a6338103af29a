import type {
  AddrtypeMatch,
  CommentMatch,
  NfacctMatch,
  PhysdevMatch,
  SetCounter,
  SetMatch,
} from '../../../ruleset/match.ts';
import type { Negatable, NamesMatch, TextMatch } from '../../../ruleset/rule-values.ts';
import { extension, type Extension } from '../extension.ts';
import type { OptionReader } from '../option-reader.ts';

export const comment: Extension<CommentMatch> = extension({ '--comment': 'text' }, (options) => {
  const use = options.plain('--comment');
  options.require(use, '--comment');
  return { kind: 'comment', text: use?.values[0] ?? '' };
});

/** In the order of the kernel's numbers (xt_addrtype.h). */
const ADDRESS_TYPES = [
  'UNSPEC',
  'UNICAST',
  'LOCAL',
  'BROADCAST',
  'ANYCAST',
  'MULTICAST',
  'BLACKHOLE',
  'UNREACHABLE',
  'PROHIBIT',
  'THROW',
  'NAT',
  'XRESOLVE',
];

function typesMatch(options: OptionReader, name: string): NamesMatch | undefined {
  const use = options.use(name);
  const values = options.list(use, ADDRESS_TYPES, 'list of address types');
  return values === undefined ? undefined : { negated: use?.negated ?? false, values };
}

export const addrtype: Extension<AddrtypeMatch> = extension(
  { '--src-type': 1, '--dst-type': 1, '--limit-iface-in': 0, '--limit-iface-out': 0 },
  (options) => {
    const [source, destination] = [typesMatch(options, '--src-type'), typesMatch(options, '--dst-type')];
    options.require(options.use('--src-type') ?? options.use('--dst-type'), '--src-type or --dst-type');
    const limit = options.oneOf(['--limit-iface-in', '--limit-iface-out']);
    if (limit?.negated === true) options.fault(limit, `a "!" before ${limit.name}`);
    const limitInterface = limit === undefined ? undefined : limit.name === '--limit-iface-in' ? 'in' : 'out';
    return { kind: 'addrtype', source, destination, limitInterface };
  },
);

function readDirections(text: string): SetMatch['directions'] | undefined {
  const given = text.split(',');
  const known = given.flatMap((item): SetMatch['directions'] => (item === 'src' || item === 'dst' ? [item] : []));
  return known.length === given.length ? known : undefined;
}

function readCounter(options: OptionReader, name: string): SetCounter | undefined {
  const use = options.oneOf(['eq', 'lt', 'gt'].map((compare) => `--${name}-${compare}`));
  if (use === undefined) return undefined;
  const value = options.value(use, 'number', (text) => (/^\d{1,20}$/.test(text) ? BigInt(text) : undefined)) ?? 0n;
  if (use.name.endsWith('-eq')) return { compare: use.negated ? 'ne' : 'eq', value };
  if (use.negated) options.fault(use, `a "!" before ${use.name}`);
  return { compare: use.name.endsWith('-lt') ? 'lt' : 'gt', value };
}

/** `! --update-counters`; without the "!" it says what holds anyway. */
function keeps(options: OptionReader, name: string): boolean {
  return options.use(name)?.negated ?? false;
}

export const set: Extension<SetMatch> = extension(
  {
    '--match-set': 2,
    '--return-nomatch': 0,
    '--update-counters': 0,
    '--update-subcounters': 0,
    '--packets-eq': 1,
    '--packets-lt': 1,
    '--packets-gt': 1,
    '--bytes-eq': 1,
    '--bytes-lt': 1,
    '--bytes-gt': 1,
  },
  (options) => {
    const use = options.use('--match-set');
    options.require(use, '--match-set');
    const [name = '', flags = ''] = use?.values ?? [];
    const directions = readDirections(flags);
    if (use !== undefined && (directions === undefined || directions.length > 6)) {
      options.fault(use, `--match-set ${name} ${flags}, where a list of src and dst should be`);
    }
    return {
      kind: 'set',
      negated: use?.negated ?? false,
      name,
      directions: directions ?? [],
      returnNomatch: options.flag('--return-nomatch'),
      keepCounters: keeps(options, '--update-counters'),
      keepSubcounters: keeps(options, '--update-subcounters'),
      packets: readCounter(options, 'packets'),
      bytes: readCounter(options, 'bytes'),
    };
  },
  // iptables 1.4.
  { '--set': '--match-set' },
);

export const physdev: Extension<PhysdevMatch> = extension(
  {
    '--physdev-in': 'text',
    '--physdev-out': 'text',
    '--physdev-is-in': 0,
    '--physdev-is-out': 0,
    '--physdev-is-bridged': 0,
  },
  (options) => {
    const flag = (name: string): Negatable | undefined => {
      const use = options.use(name);
      return use === undefined ? undefined : { negated: use.negated };
    };
    const device = (name: string): TextMatch | undefined => options.textMatch(name);
    const match: PhysdevMatch = {
      kind: 'physdev',
      isIn: flag('--physdev-is-in'),
      inInterface: device('--physdev-in'),
      isOut: flag('--physdev-is-out'),
      outInterface: device('--physdev-out'),
      isBridged: flag('--physdev-is-bridged'),
    };
    const { kind: _, ...conditions } = match;
    options.require(
      Object.values(conditions).find((condition) => condition !== undefined),
      'an option',
    );
    return match;
  },
);

export const nfacct: Extension<NfacctMatch> = extension({ '--nfacct-name': 'text' }, (options) => {
  const use = options.plain('--nfacct-name');
  options.require(use, '--nfacct-name');
  return { kind: 'nfacct', name: use?.values[0] ?? '' };
});
