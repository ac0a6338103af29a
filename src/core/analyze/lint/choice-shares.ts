import type { Match } from '../../ruleset/match.ts';
import type { Choice } from './endpoint-choice.ts';

const ALWAYS = 2 ** 31;

/** What kind of choice the rules of a chain make among endpoints. */
export interface ChoiceShares {
  /** Of each entry, 0 to 1. */
  readonly shares: readonly number[];
  /** What comes to no entry at all, 0 to 1. */
  readonly lost: number;
}

/**
 * The share that each endpoint really gets: the condition of a rule is asked only if those before were not met. Undefined where other
 * conditions than chance decide. Floating point: 5000 factors keep twelve digits, and the kernel's own steps are 2^-31.
 */
export function sharesOf({ entries }: Choice): ChoiceShares | undefined {
  if (!entries.every(({ rule }) => rule.rule.matches.every(isPlain) && rule.rule.source === undefined))
    return undefined;
  let left = 1;
  const shares = entries.map(({ threshold = ALWAYS }) => {
    const share = (left * threshold) / ALWAYS;
    left -= share;
    return share;
  });
  const isWhole = entries.some(({ threshold }) => threshold === undefined || threshold >= ALWAYS);
  return { shares, lost: isWhole ? 0 : left };
}

function isPlain(match: Match): boolean {
  return match.kind === 'comment' || (match.kind === 'statistic-random' && !match.negated);
}

/** Old versions of kube-proxy print five decimals: half a step of those, and what the kernel rounds. */
const FIVE_DECIMALS = 0.000_005 * ALWAYS + 1;

/** Whether each endpoint gets the same, within the decimals that kube-proxy of any version prints. */
export function isEven({ entries }: Choice): boolean {
  const count = entries.length;
  return entries.every(({ threshold = ALWAYS }, i) => Math.abs(threshold - ALWAYS / (count - i)) <= FIVE_DECIMALS);
}

/** `33.3 %` */
export function percent(share: number): string {
  const number = share * 100;
  return `${number !== 0 && number < 0.1 ? number.toPrecision(1) : number.toFixed(1).replace(/\.0$/, '')} %`;
}
