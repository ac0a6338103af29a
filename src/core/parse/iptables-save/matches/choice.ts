import { LIMIT_UNITS } from '../../../ruleset/limit-rate.ts';
import type { LimitMatch, RecentMatch, StatisticNthMatch, StatisticRandomMatch } from '../../../ruleset/match.ts';
import { fullMask, savedAddress } from '../../../ruleset/ip-network.ts';
import { extension, type Extension } from '../extension.ts';
import type { OptionReader } from '../option-reader.ts';
import { readUint, UINT32 } from '../read-values.ts';

const KERNEL_ONE = 2 ** 31;

/** xt_statistic compares 31 random bits with a threshold; iptables rounds to the nearest. Undefined if it is no probability. */
export function readThreshold(text: string): number | undefined {
  if (!/^(?:\d{1,20}\.?\d{0,40}|\.\d{1,40})(?:[eE][+-]?\d{1,3})?$/.test(text)) return undefined;
  const probability = Number(text);
  return probability >= 0 && probability <= 1 ? Math.round(probability * KERNEL_ONE) : undefined;
}

function readRandom(options: OptionReader): StatisticRandomMatch {
  const use = options.use('--probability');
  options.require(use, '--probability');
  const threshold = options.value(use, 'probability from 0 to 1', readThreshold) ?? 0;
  return { kind: 'statistic-random', negated: use?.negated ?? false, threshold };
}

function readNth(options: OptionReader): StatisticNthMatch {
  const use = options.use('--every');
  const every = options.value(use, 'number of packets', (text) => readUint(text, UINT32));
  const packet = options.number('--packet') ?? 0;
  options.require(use, '--every');
  if (every === 0) options.fault(use, '--every 0, which is no number of packets');
  if (every !== undefined && packet >= every) options.fault(options.use('--packet'), '--packet not below --every');
  return { kind: 'statistic-nth', negated: use?.negated ?? false, every: every ?? 1, packet };
}

export const statistic: Extension<StatisticRandomMatch | StatisticNthMatch> = extension(
  { '--mode': 1, '--probability': 1, '--every': 1, '--packet': 1 },
  (options) => {
    const mode = options.plain('--mode')?.values[0];
    if (mode !== 'random' && mode !== 'nth')
      options.fault(options.use('--mode'), 'neither --mode random nor --mode nth');
    return mode === 'nth' ? readNth(options) : readRandom(options);
  },
);

const ACTIONS = ['set', 'rcheck', 'update', 'remove'] as const;

export const recent: Extension<RecentMatch> = extension(
  {
    '--set': 0,
    '--rcheck': 0,
    '--update': 0,
    '--remove': 0,
    '--seconds': 1,
    '--reap': 0,
    '--hitcount': 1,
    '--rttl': 0,
    '--name': 'text',
    '--mask': 1,
    '--rsource': 0,
    '--rdest': 0,
  },
  (options) => {
    const use = options.oneOf(ACTIONS.map((name) => `--${name}`));
    options.require(use, '--set, --rcheck, --update or --remove');
    const action = ACTIONS.find((name) => use?.name === `--${name}`) ?? 'set';
    const rttl = options.flag('--rttl');
    if (rttl && action !== 'rcheck' && action !== 'update')
      options.fault(options.use('--rttl'), `--rttl beside --${action}`);
    const mask = options.value(options.plain('--mask'), 'mask', (text) => savedAddress(text)?.text);
    return {
      kind: 'recent',
      negated: use?.negated ?? false,
      action,
      seconds: options.number('--seconds'),
      reap: options.flag('--reap'),
      hitcount: options.number('--hitcount', 0xffff),
      rttl,
      name: options.plain('--name')?.values[0] ?? 'DEFAULT',
      mask: mask ?? fullMask(options.family),
      side: options.oneOf(['--rsource', '--rdest'])?.name === '--rdest' ? 'destination' : 'source',
    };
  },
);

/** `10/second`, `10/s`, `10`: ten-thousandths of a second per packet, as libxt_limit.c computes them. */
function readRate(text: string): number | undefined {
  const [, count = '', unit = 's'] = /^(\d{1,9})(?:\/([A-Za-z]+))?$/.exec(text) ?? [];
  const lower = unit.toLowerCase();
  const known = LIMIT_UNITS.find(({ name }) => FULL_NAMES[name]?.startsWith(lower));
  const rate = Number(count);
  return known === undefined || rate === 0 || rate > known.period ? undefined : Math.floor(known.period / rate);
}

const FULL_NAMES: Readonly<Record<string, string>> = { day: 'day', hour: 'hour', min: 'minute', sec: 'second' };
const DEFAULT_RATE = '3/hour';
const DEFAULT_BURST = 5;

export const limit: Extension<LimitMatch> = extension({ '--limit': 1, '--limit-burst': 1 }, (options) => {
  const period = options.value(options.plain('--limit'), 'rate', readRate) ?? readRate(DEFAULT_RATE) ?? 0;
  return { kind: 'limit', period, burst: options.number('--limit-burst', 10_000) ?? DEFAULT_BURST };
});
