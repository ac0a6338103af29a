import type { ConntrackMatch, MarkMatch } from '../../../ruleset/match.ts';
import type { NamesMatch } from '../../../ruleset/rule-values.ts';
import { extension, type Extension } from '../extension.ts';
import type { OptionReader } from '../option-reader.ts';
import { readMark, readRange, readUint, UINT32 } from '../read-values.ts';

/** In the order in which iptables-save prints them (libxt_conntrack.c). */
const STATES = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED', 'SNAT', 'DNAT'];
const STATUSES = ['NONE', 'EXPECTED', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED'];

function namesMatch(
  options: OptionReader,
  name: string,
  known: readonly string[],
  what: string,
): NamesMatch | undefined {
  const use = options.use(name);
  const values = options.list(use, known, what);
  return values === undefined ? undefined : { negated: use?.negated ?? false, values };
}

const NOTHING = {
  states: undefined,
  protocol: undefined,
  originalSource: undefined,
  originalDestination: undefined,
  replySource: undefined,
  replyDestination: undefined,
  originalSourcePorts: undefined,
  originalDestinationPorts: undefined,
  replySourcePorts: undefined,
  replyDestinationPorts: undefined,
  status: undefined,
  expires: undefined,
  direction: undefined,
};

function readDirection(options: OptionReader): ConntrackMatch['direction'] {
  const use = options.plain('--ctdir');
  return options.value(use, 'ORIGINAL or REPLY', (text) => {
    const upper = text.toUpperCase();
    return upper === 'ORIGINAL' || upper === 'REPLY' ? upper : undefined;
  });
}

function readConntrack(options: OptionReader): ConntrackMatch {
  const match: ConntrackMatch = {
    kind: 'conntrack',
    spelling: 'conntrack',
    states: namesMatch(options, '--ctstate', STATES, 'list of connection states'),
    protocol: options.protocol('--ctproto'),
    originalSource: options.network('--ctorigsrc'),
    originalDestination: options.network('--ctorigdst'),
    replySource: options.network('--ctreplsrc'),
    replyDestination: options.network('--ctrepldst'),
    originalSourcePorts: options.ports('--ctorigsrcport'),
    originalDestinationPorts: options.ports('--ctorigdstport'),
    replySourcePorts: options.ports('--ctreplsrcport'),
    replyDestinationPorts: options.ports('--ctrepldstport'),
    status: namesMatch(options, '--ctstatus', STATUSES, 'list of connection statuses'),
    expires: options.range('--ctexpire', 'time in seconds', (text) =>
      readRange(text, (end) => readUint(end, UINT32), UINT32),
    ),
    direction: readDirection(options),
  };
  const { kind: _, spelling: __, ...conditions } = match;
  options.require(
    Object.values(conditions).find((condition) => condition !== undefined),
    'an option',
  );
  return match;
}

export const conntrack: Extension<ConntrackMatch> = extension(
  {
    '--ctstate': 1,
    '--ctproto': 1,
    '--ctorigsrc': 1,
    '--ctorigdst': 1,
    '--ctreplsrc': 1,
    '--ctrepldst': 1,
    '--ctorigsrcport': 1,
    '--ctorigdstport': 1,
    '--ctreplsrcport': 1,
    '--ctrepldstport': 1,
    '--ctstatus': 1,
    '--ctexpire': 1,
    '--ctdir': 1,
  },
  readConntrack,
);

export const state: Extension<ConntrackMatch> = extension({ '--state': 1 }, (options) => {
  const states = namesMatch(options, '--state', STATES.slice(0, 5), 'list of connection states');
  options.require(options.use('--state'), '--state');
  return { kind: 'conntrack', spelling: 'state', ...NOTHING, states };
});

function markMatch(kind: MarkMatch['kind']): Extension<MarkMatch> {
  return extension({ '--mark': 1 }, (options) => {
    const use = options.use('--mark');
    options.require(use, '--mark');
    const mark = options.value(use, 'mark', readMark) ?? { value: 0, mask: 0 };
    return { kind, negated: use?.negated ?? false, ...mark };
  });
}

export const mark: Extension<MarkMatch> = markMatch('mark');
export const connmark: Extension<MarkMatch> = markMatch('connmark');
