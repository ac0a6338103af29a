import type { ActualOutcome, Difference, Undecided } from '../../core/analyze/verify/difference.ts';
import type { FamilyVerdict } from './print-verify.ts';

/** What `-o json` prints; docs/verify.md describes it. Shares are exact: `units / 2^bits`, units as text, as they outgrow doubles. */
export function verificationData(verdicts: readonly FamilyVerdict[]): object {
  return {
    families: verdicts.map(({ family, result }) => ({
      family,
      verdict: result.verdict,
      differences: result.differences.map(differenceData),
      undecided: result.undecided.map(undecidedData),
      tolerated: result.tolerated.map(differenceData),
      stats: result.stats,
    })),
  };
}

function differenceData({ actual, packet, ...rest }: Difference): object {
  return { ...rest, packet: packetData(packet), actual: actual.map(outcomeData) };
}

function undecidedData({ packet, ...rest }: Undecided): object {
  return { ...rest, ...(packet === undefined ? {} : { packet: packetData(packet) }) };
}

function packetData({ conditions, ...packet }: Difference['packet']): object {
  return { ...packet, conditions: conditions.map(({ condition, holds }) => ({ ...condition, holds })) };
}

export function outcomeData({ share, ...outcome }: ActualOutcome): object {
  return { ...outcome, share: { units: String(share.units), bits: share.bits } };
}
